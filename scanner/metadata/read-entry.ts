/** `__metadata__` of a safetensors file: texts by their keys, written by whoever made the file. */
export type Metadata = ReadonlyMap<string, string>;

/** Longer values are not parsed: real lists of tags have at most a few megabytes. In UTF-16 units. */
const MAX_PARSED = 16 * 1024 * 1024;

/** The value of an entry without blanks around it; `""` and Python's `"None"` count as absent. */
export function readText(metadata: Metadata, key: string): string | null {
  const value = metadata.get(key)?.trim();
  return value === undefined || value === '' || value === 'None' ? null : value;
}

/** An entry that holds JSON, parsed; null where it is absent, too long, or no JSON. */
export function readJson(metadata: Metadata, key: string): unknown {
  const text = readText(metadata, key);
  if (text === null || text.length > MAX_PARSED) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** A plain object's own entries; none for any other value. */
export function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
