import { ContainerLimit, MalformedSafetensors } from './errors.ts';
import type { HeaderReader } from './header-reader.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-bytes.ts';

/** A JSON value as the header of a safetensors file may hold it. Objects are Maps: a tensor may be called `__proto__`. */
export type StrictJson = string | number | StrictJson[] | Map<string, StrictJson>;

/** The header's own depth is 4: header, tensor, shape, number. */
const MAX_DEPTH = 4;

/** What may still be kept in memory. */
export interface Room {
  /** Values, and characters of their texts. */
  values: number;
  characters: number;
}

/**
 * Reads JSON as strictly as the safetensors format asks and `JSON.parse` does not: no key twice, numbers only as whole
 * non-negative decimals below 2^53, no booleans or null, depth at most 4. Throws MalformedSafetensors, and
 * ContainerLimit where there is more than there is room for.
 */
export function readStrictJson(reader: HeaderReader, depth: number, room: Room): StrictJson {
  if (depth > MAX_DEPTH) throw new MalformedSafetensors('The header is nested too deeply.');
  takeRoom(room, 1, 0);
  reader.skipSpace();
  const start = reader.peek();
  if (start === OPEN_OBJECT) {
    const entries = new Map<string, StrictJson>();
    readObject(reader, room, (key) => {
      if (entries.has(key)) throw new MalformedSafetensors(`The header contains ${JSON.stringify(key)} twice.`);
      entries.set(key, readStrictJson(reader, depth + 1, room));
    });
    return entries;
  }
  if (start === OPEN_ARRAY) return readArray(reader, depth, room);
  return start === QUOTE ? readString(reader, room) : reader.readNumber();
}

/** Reads an object; `readEntry` gets each key, and reads the value. */
export function readObject(reader: HeaderReader, room: Room, readEntry: (key: string) => void): void {
  if (!reader.takeIf(OPEN_OBJECT)) throw reader.unreadable();
  if (reader.takeIf(CLOSE_OBJECT)) return;
  do {
    reader.skipSpace();
    const key = readString(reader, room);
    if (!reader.takeIf(COLON)) throw reader.unreadable();
    readEntry(key);
  } while (reader.takeIf(COMMA));
  if (!reader.takeIf(CLOSE_OBJECT)) throw reader.unreadable();
}

/** Reads a text. With `isKept` false it is checked, and empty in the answer. */
export function readString(reader: HeaderReader, room: Room, isKept = true): string {
  let text = '';
  reader.readText((piece) => {
    if (!isKept) return;
    takeRoom(room, 0, piece.length);
    text += piece;
  });
  return text;
}

function readArray(reader: HeaderReader, depth: number, room: Room): StrictJson[] {
  const values: StrictJson[] = [];
  reader.takeIf(OPEN_ARRAY);
  if (reader.takeIf(CLOSE_ARRAY)) return values;
  do {
    values.push(readStrictJson(reader, depth + 1, room));
  } while (reader.takeIf(COMMA));
  if (!reader.takeIf(CLOSE_ARRAY)) throw reader.unreadable();
  return values;
}

function takeRoom(room: Room, values: number, characters: number): void {
  room.values -= values;
  room.characters -= characters;
  if (room.values < 0 || room.characters < 0)
    throw new ContainerLimit('The header is larger than the memory limit of a scan. It was not checked to its end.');
}
