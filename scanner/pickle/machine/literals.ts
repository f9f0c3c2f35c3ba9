/** Numbers and texts as the line opcodes of protocol 0 write them. What C accepts is accepted, however odd. */

export interface OddNumber<T> {
  value: T;
  /** True where the spelling is not the one that a pickle writes; readers disagree on such numbers. */
  odd: boolean;
}

/** INT and LONG: C's `strtol(…, 0)` and Python's `int(…, 0)` take prefixes, underscores and spaces. Null where neither does.
 * Beyond `maxDigits` the value is null: the time for working it out grows with the square. */
export function parseInteger(line: string, maxDigits: number): OddNumber<bigint | null> | null {
  const text = cutAtNul(line);
  if (text !== line) {
    const number = parseInteger(text, maxDigits);
    return number === null ? null : { ...number, odd: true };
  }
  if (/^-?(0|[1-9]\d*)$/.test(text)) {
    return text.length > maxDigits ? { value: null, odd: true } : { value: BigInt(text), odd: false };
  }
  const loose = /^\s*([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|\d(?:_?\d)*)\s*$/.exec(text);
  if (loose === null) return null;
  const digits = (loose[2] ?? '').replaceAll('_', '');
  if (digits.length > maxDigits) return { value: null, odd: true };
  const plain = /^0[0-7]+$/.test(digits) ? `0o${digits}` : digits;
  try {
    return { value: loose[1] === '-' ? -BigInt(plain) : BigInt(plain), odd: true };
  } catch {
    return null;
  }
}

/** FLOAT: Python's `float()`. Null where it would refuse. */
export function parseFloat64(line: string): OddNumber<number> | null {
  const text = cutAtNul(line)
    .trim()
    .replace(/(?<=\d)_(?=\d)/g, '');
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (word !== null) {
    const value = word[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
    return { value: word[1] === '-' ? -value : value, odd: !/^-?(inf|nan)$/.test(line) };
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return null;
  return { value: Number(text), odd: text !== line };
}

/** The key of GET and PUT: Python's `int()`, which takes spaces, underscores and leading zeros. Null where it refuses. */
export function parseMemoKey(line: string): number | null {
  const text = cutAtNul(line).trim();
  // Minus zero is zero; other keys below it are refused.
  const key = /^(?:\+?\d(?:_?\d){0,20}|-0(?:_?0){0,20})$/.test(text)
    ? Math.abs(Number(text.replaceAll('_', '')))
    : Number.NaN;
  return Number.isSafeInteger(key) ? key : null;
}

/** To C a number ends at a NUL, and the rest of its line is passed over. */
function cutAtNul(line: string): string {
  const end = line.indexOf('\0');
  return end < 0 ? line : line.slice(0, end);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** STRING: a quoted Python 2 literal. Null where the quotes are missing or an escape is broken off. */
export function parseStringLiteral(line: string): string | null {
  const text = line.trim();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) return null;
  if (!/^(?:[^\\]|\\x[0-9a-fA-F]{2}|\\[^x])*$/.test(text.slice(1, -1))) return null;
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S])/g, (whole, escaped: string) => {
    if (escaped.startsWith('x') && escaped.length === 3)
      return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    if (/^[0-7]+$/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 0xff);
    return ESCAPES.get(escaped) ?? whole;
  });
}

/**
 * UNICODE: Python's `raw-unicode-escape`, where only `\uXXXX` and `\UXXXXXXXX` are escapes and a backslash behind a
 * backslash begins none. Null where an escape is broken off or names no character.
 */
export function parseRawUnicode(line: string): string | null {
  let isWhole = true;
  const text = line.replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[\s\S])/g,
    (whole, short?: string, long?: string) => {
      const digits = short ?? long;
      if (digits === undefined) {
        if (/^\\[uU]/.test(whole)) isWhole = false;
        return whole;
      }
      const code = Number.parseInt(digits, 16);
      if (code > 0x10ffff) isWhole = false;
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
  return isWhole ? text : null;
}

/** LONG1 and LONG4: little-endian two's complement. Null where it is longer than `maxBytes`. */
export function parseLittleEndian(bytes: Uint8Array, maxBytes: number): bigint | null {
  if (bytes.length > maxBytes) return null;
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index -= 1) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  return BigInt.asIntN(bytes.length * 8, value);
}
