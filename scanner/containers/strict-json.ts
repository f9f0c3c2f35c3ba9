import { MalformedSafetensors } from './errors.ts';

/** A JSON value as the header of a safetensors file may hold it. Objects are Maps: a tensor may be called `__proto__`. */
export type StrictJson = string | number | StrictJson[] | Map<string, StrictJson>;

/** The header's own depth is 4: header, tensor, shape, number. */
const MAX_DEPTH = 4;

const SPACE = /[ \t\r\n]*/y;
const INTEGER = /(?:0|[1-9][0-9]*)(?![0-9.eE])/y;

/**
 * Reads JSON as strictly as the safetensors format asks and `JSON.parse` does not: no key twice, numbers only as whole
 * non-negative decimals below 2^53, no booleans or null, depth at most 4, nothing behind the value but spaces.
 * Throws MalformedSafetensors.
 */
export function parseStrictJson(text: string): StrictJson {
  const reader = { text, at: 0 };
  const value = readValue(reader, 0);
  match(reader, SPACE);
  if (reader.at !== text.length) throw new MalformedSafetensors('There is something behind the end of the header.');
  return value;
}

interface Reader {
  text: string;
  at: number;
}

function readValue(reader: Reader, depth: number): StrictJson {
  if (depth > MAX_DEPTH) throw new MalformedSafetensors('The header is nested deeper than the format allows.');
  match(reader, SPACE);
  const start = reader.text[reader.at];
  if (start === '{') return readObject(reader, depth);
  if (start === '[') return readArray(reader, depth);
  if (start === '"') return readString(reader);
  const digits = match(reader, INTEGER);
  if (digits === null) throw unreadable(reader);
  const value = Number(digits);
  if (!Number.isSafeInteger(value))
    throw new MalformedSafetensors(`The header holds a number that is too large (${digits.slice(0, 24)}).`);
  return value;
}

function readObject(reader: Reader, depth: number): Map<string, StrictJson> {
  const entries = new Map<string, StrictJson>();
  reader.at += 1;
  if (takeIf(reader, '}')) return entries;
  do {
    match(reader, SPACE);
    const key = readString(reader);
    if (entries.has(key)) throw new MalformedSafetensors(`The header names ${JSON.stringify(key)} twice.`);
    if (!takeIf(reader, ':')) throw unreadable(reader);
    entries.set(key, readValue(reader, depth + 1));
  } while (takeIf(reader, ','));
  if (!takeIf(reader, '}')) throw unreadable(reader);
  return entries;
}

function readArray(reader: Reader, depth: number): StrictJson[] {
  const values: StrictJson[] = [];
  reader.at += 1;
  if (takeIf(reader, ']')) return values;
  do {
    values.push(readValue(reader, depth + 1));
  } while (takeIf(reader, ','));
  if (!takeIf(reader, ']')) throw unreadable(reader);
  return values;
}

function readString(reader: Reader): string {
  const { text, at } = reader;
  if (text[at] !== '"') throw unreadable(reader);
  // By hand: a regular expression runs out of stack on strings of many megabytes, which metadata may hold.
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  try {
    const value = JSON.parse(text.slice(at, end + 1)) as string;
    reader.at = end + 1;
    return value;
  } catch {
    throw unreadable(reader);
  }
}

function takeIf(reader: Reader, character: string): boolean {
  match(reader, SPACE);
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function match(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  if (found === null) return null;
  reader.at = pattern.lastIndex;
  return found[0];
}

function unreadable(reader: Reader): MalformedSafetensors {
  return new MalformedSafetensors(`The header is not the JSON that the format asks for (at character ${reader.at}).`);
}
