/** A text as a part of a pattern for LIKE and ILIKE, in which it means itself. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
