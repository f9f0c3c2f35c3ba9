/** More fields than any program writes. */
const MAX_FIELDS = 300;
/** After so many quotes and brackets without an end none is looked for: each search goes to the end of the line. */
const MAX_UNCLOSED = 16;
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ \-/.()]{0,79}$/u;

/**
 * Fields of a line `Steps: 25, Sampler: Euler a, Lora hashes: "a: 1, b: 2"`, in their order. A value in quotes is JSON,
 * one in brackets goes to the bracket that closes it, and any other to the next comma. Reads the first 300 fields, so that
 * time grows with the line whatever stands in it.
 */
export function readFields(line: string): [name: string, value: string][] {
  const fields: [string, string][] = [];
  let unclosed = 0;
  let at = 0;
  while (fields.length < MAX_FIELDS) {
    const colon = line.indexOf(':', at);
    if (colon < 0) break;
    const before = line.slice(at, colon);
    const name = before.slice(before.lastIndexOf(',') + 1).trim();
    let start = colon + 1;
    while (line[start] === ' ') start += 1;
    if (!NAME.test(name)) {
      at = colon + 1;
      continue;
    }
    const end = unclosed < MAX_UNCLOSED ? endOfEnclosed(line, start) : null;
    if (end === -1) unclosed += 1;
    const comma = line.indexOf(',', Math.max(start, end ?? 0));
    const stop = comma < 0 ? line.length : comma;
    fields.push([name, unquote(line.slice(start, stop).trim())]);
    at = stop + 1;
  }
  return fields;
}

/** The value as a field holds it: in JSON's quotes where it would end the field or be taken for something else. */
export function quoteValue(value: string): string {
  return /[,:"\r\n]|^\s|^[[{]|\s$|^$/.test(value) ? JSON.stringify(value) : value;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

/** Where the string or bracket that begins at `start` is over, -1 where it has no end, null where none begins there. */
function endOfEnclosed(line: string, start: number): number | null {
  if (line[start] === '"') return endOfString(line, start);
  return line[start] === '{' || line[start] === '[' ? endOfBrackets(line, start) : null;
}

/** Where the string that begins at `start` is over, or -1. */
function endOfString(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at + 1;
  }
  return -1;
}

function endOfBrackets(line: string, start: number): number {
  let depth = 0;
  for (let at = start; at < line.length; at += 1) {
    const sign = line[at];
    if (sign === '"') {
      at = endOfString(line, at) - 1;
      if (at < 0) return -1;
    } else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
