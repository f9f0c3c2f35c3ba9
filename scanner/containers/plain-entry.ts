import type { HeaderReader } from './header-reader.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT } from './json-bytes.ts';

/** One tensor's description as it stands in the header, unchecked but for its form. */
export interface DescribedTensor {
  dtype: string;
  shape: number[];
  offsets: number[];
}

const DTYPE = Buffer.from('"dtype"');
const SHAPE = Buffer.from('"shape"');
const DATA_OFFSETS = Buffer.from('"data_offsets"');
/** Far more than any tensor has, and far less than what a scan holds for one. */
const MAX_DIMENSIONS = 64;

/**
 * Reads `{"dtype":…,"shape":[…],"data_offsets":[…]}` in any order of its keys, each once, as every writer writes it. Null
 * for anything else, with nothing taken: what is wrong with it, if anything, is for the strict reader to say.
 */
export function readPlainEntry(reader: HeaderReader): DescribedTensor | null {
  const start = reader.position;
  const entry = readEntry(reader);
  if (entry === null) reader.position = start;
  return entry;
}

function readEntry(reader: HeaderReader): DescribedTensor | null {
  let dtype: string | null = null;
  let shape: number[] | null = null;
  let offsets: number[] | null = null;
  if (!reader.takeIf(OPEN_OBJECT)) return null;
  for (let keys = 0; keys < 3; keys += 1) {
    if (keys > 0 && !reader.takeIf(COMMA)) return null;
    reader.skipSpace();
    if (reader.takeAll(DTYPE)) {
      if (!reader.takeIf(COLON)) return null;
      reader.skipSpace();
      dtype = readType(reader);
    } else if (reader.takeAll(SHAPE)) {
      if (!reader.takeIf(COLON)) return null;
      shape = readNumbers(reader);
    } else if (reader.takeAll(DATA_OFFSETS)) {
      if (!reader.takeIf(COLON)) return null;
      offsets = readNumbers(reader);
    } else return null;
  }
  // Three keys, of which none is missing: so none stands there twice.
  if (dtype === null || shape === null || offsets === null || !reader.takeIf(CLOSE_OBJECT)) return null;
  return { dtype, shape, offsets };
}

/** Types that most tensors have, as they stand in a header: comparing bytes costs less than making a text of them. */
const COMMON: readonly (readonly [bytes: Uint8Array, name: string])[] = ['F16', 'BF16', 'F32', 'F8_E4M3'].map(
  (name) => [Buffer.from(`"${name}"`), name],
);

function readType(reader: HeaderReader): string | null {
  for (const [bytes, name] of COMMON) if (reader.takeAll(bytes)) return name;
  return reader.readPlainText();
}

function readNumbers(reader: HeaderReader): number[] | null {
  if (!reader.takeIf(OPEN_ARRAY)) return null;
  const numbers: number[] = [];
  if (reader.takeIf(CLOSE_ARRAY)) return numbers;
  do {
    reader.skipSpace();
    const number = reader.readPlainNumber();
    if (number === null || numbers.length === MAX_DIMENSIONS) return null;
    numbers.push(number);
  } while (reader.takeIf(COMMA));
  return reader.takeIf(CLOSE_ARRAY) ? numbers : null;
}
