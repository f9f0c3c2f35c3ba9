import { withoutModelEnding } from '#scanner/model-files.ts';

/** Longest JSON that is read, in characters. */
const MAX_JSON = 8 * 1024 * 1024;
const MAX_DEPTH = 100;

export type JsonObject = { readonly [key: string]: unknown };

/**
 * Reads JSON that somebody else wrote: an object, at most 8 million characters and 100 levels deep, or null. Whole numbers
 * that lose digits as a number become strings of their digits, and the `NaN` that Python writes becomes null.
 */
export function readJsonObject(text: string): JsonObject | null {
  if (text.length > MAX_JSON || !/^\s{0,100}\{/.test(text) || isTooDeep(text)) return null;
  const value = parse(text) ?? parse(text.replace(/([[:,]\s{0,8})(?:NaN|-?Infinity)(?=\s{0,8}[,\]}])/g, '$1null'));
  return isObject(value) ? value : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, keepDigits);
  } catch {
    return null;
  }
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(context?.source ?? '')) return value;
  return context?.source;
}

/** Counted first, because the reviver above calls itself for each level. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c && inString) at += 1;
    else if (code === 0x22) inString = !inString;
    else if (inString) continue;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return false;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value's object, or one without content. */
export function toObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** A number, also from its digits; null for anything else. */
export function toNumber(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** Digits of a whole number. */
export function toDigits(value: unknown): string | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return /^-?\d{1,20}$/.test(text) ? text : null;
}

/** Text that is not empty. */
export function toText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The name of a model file without folders and ending. */
export function toModelName(value: unknown): string | null {
  const name = toText(value)?.split(/[\\/]/).at(-1);
  return toText(name && withoutModelEnding(name));
}
