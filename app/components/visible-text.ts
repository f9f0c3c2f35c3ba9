/** Characters that show nothing themselves and change how others read: direction marks, zero-width and control ones. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
/** Breaks of lines and words in text of several lines, and the joiners that emoji and several scripts are written with. */
const KEPT = new Set(['\n', '\t', '\u200c', '\u200d']);

/** Text with its hidden characters spelled out, `[U+202E]`: nothing can pass for what it is not, or turn its line around. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (character) => {
    if (KEPT.has(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    return character === '\r' ? '' : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}

/** The same for every text in plain data, keys of objects included. */
export function makeVisible<Value>(value: Value): Value {
  return convert(value) as Value;
}

function convert(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value);
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [visibleText(key), convert(one)]));
}
