import { openFileSource } from '../source.ts';
import { ModelFolderError } from './errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The file is sound as far as it was looked at, and larger than is read. */
export class JsonTooLarge extends ModelFolderError {
  override name = 'JsonTooLarge';
}

/**
 * A JSON file that holds an object. Throws JsonTooLarge, ModelFolderError for what is no such JSON or has a key twice (of
 * which programs take different ones), and the system's error.
 */
export function readJsonFile(path: string, name: string, maxBytes: number): JsonObject {
  using source = openFileSource(path);
  const { size } = source;
  if (size > maxBytes)
    throw new JsonTooLarge(`${name} has ${size} bytes; no more than ${maxBytes} are read. It was not checked.`);
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(source.read(0, size));
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw new ModelFolderError(`${name} is not valid JSON.`);
    throw error;
  }
  if (!isObject(value)) throw new ModelFolderError(`${name} is not a JSON object.`);
  const twice = findRepeatedKey(text);
  if (twice !== null)
    throw new ModelFolderError(`${name} contains the key ${JSON.stringify(twice.slice(0, 200))} twice.`);
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first key that an object of this valid JSON has twice; null where there is none. */
function findRepeatedKey(text: string): string | null {
  /** The keys of each object that is open; null for a list. */
  const open: (Set<string> | null)[] = [];
  let isKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '{') {
      open.push(new Set());
      isKey = true;
    } else if (sign === '[') {
      open.push(null);
      isKey = false;
    } else if (sign === '}' || sign === ']') open.pop();
    else if (sign === ',') isKey = open.at(-1) != null;
    else if (sign === ':') isKey = false;
    else if (sign === '"') {
      const start = at;
      at = endOfText(text, at);
      if (!isKey) continue;
      const written = text.slice(start + 1, at);
      const key = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}

/** Where the text ends that begins here: at a quotation mark behind an even number of backslashes. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end;
  }
}
