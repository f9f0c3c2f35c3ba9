import type { AuditSubject } from '../subjects.ts';

/** Something that a sentence names; a page links to it where it is still there. */
export interface Named {
  kind: AuditSubject;
  id: string;
  /** What the record itself calls it, for when it is gone; null where it says nothing. */
  name: string | null;
}

/** A sentence without its subject, in parts: `changed the role of `, somebody, ` from Viewer to Uploader`. */
export type Phrase = readonly (string | Named)[];

type Part = string | number | Named | Phrase;

/** A template of words and of what they name. */
export function phrase(texts: TemplateStringsArray, ...parts: readonly Part[]): Phrase {
  return texts.flatMap((text, index) => {
    const part = parts[index];
    if (part === undefined) return [text];
    if (typeof part === 'number') return [text, String(part)];
    return typeof part === 'string' || 'kind' in part ? [text, part] : [text, ...part];
  });
}

/** Something by its kind and id. */
export function named(kind: AuditSubject, id: string | number, name: string | null = null): Named {
  return { kind, id: String(id), name };
}

/** Phrases as a list: `a, b and c`. */
export function listed(phrases: readonly Phrase[]): Phrase {
  return phrases.flatMap((one, index) => (index === 0 ? one : [index === phrases.length - 1 ? ' and ' : ', ', ...one]));
}

/** Words as a list: `a, b and c`. */
export function listWords(words: readonly string[]): string {
  return listed(words.map((word) => [word])).join('');
}

/** `1 file`, `2 files`. */
export function count(number: number, one: string): string {
  return `${number} ${number === 1 ? one : `${one}s`}`;
}
