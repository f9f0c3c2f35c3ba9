import type { Value } from './values.ts';

const MAX_DEPTH = 4;
const MAX_ITEMS = 8;
const MAX_TEXT = 160;
const MAX_LINE = 400;

/** A call as one Python-like line, cut to a readable length. Text to show, never to run. */
export function renderCall(callee: Value, args: readonly Value[]): string {
  const line = `${renderValue(callee)}(${renderItems(args, 0)})`;
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
}

/** A value as Python would write it, with what is deep or long left out. */
export function renderValue(value: Value, depth = 0): string {
  if (depth > MAX_DEPTH) return '…';
  switch (value.kind) {
    case 'none':
      return 'None';
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'int':
      return value.value === null ? '<a very long number>' : cut(String(value.value), 40);
    case 'float':
      return String(value.value);
    case 'str':
      return quoteText(value.text, value.cut);
    case 'bytes':
    case 'bytearray':
      return `${value.kind === 'bytes' ? 'b' : 'bytearray b'}${quoteText(latin1(value.bytes), value.bytes.length > MAX_TEXT)}`;
    case 'list':
      return `[${renderItems(value.items, depth)}]`;
    case 'tuple':
      return `(${renderItems(value.items, depth)}${value.items.length === 1 ? ',' : ''})`;
    case 'set':
    case 'frozenset':
      return `${value.kind}([${renderItems(value.items, depth)}])`;
    case 'dict':
      return renderDict(value.items, depth);
    case 'global':
      return printable(value.name);
    case 'call':
      return `${renderValue(value.callee, depth + 1)}(${renderItems(value.args, depth)})`;
    case 'persistent':
      return value.storage === null
        ? `<persistent ${renderValue(value.id, depth + 1)}>`
        : `<storage ${printable(value.storage.key)}>`;
    case 'opaque':
      return `<${value.what}>`;
  }
}

/** A text with control characters and what imitates other characters shown as escapes. */
export function printable(text: string): string {
  return cut(
    text.replace(/[^\x20-\x7e]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
    }),
    MAX_TEXT,
  );
}

function renderItems(items: readonly Value[], depth: number): string {
  const shown = items.slice(0, MAX_ITEMS).map((item) => renderValue(item, depth + 1));
  if (items.length > MAX_ITEMS) shown.push('…');
  return shown.join(', ');
}

function renderDict(items: readonly Value[], depth: number): string {
  const shown: string[] = [];
  for (let index = 0; index < Math.min(items.length, MAX_ITEMS * 2); index += 2) {
    const [key, value] = [items[index], items[index + 1]];
    if (key && value) shown.push(`${renderValue(key, depth + 1)}: ${renderValue(value, depth + 1)}`);
  }
  if (items.length > MAX_ITEMS * 2) shown.push('…');
  return `{${shown.join(', ')}}`;
}

function quoteText(text: string, wasCut: boolean): string {
  const escaped = text.slice(0, MAX_TEXT).replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n');
  return `'${printable(escaped)}'${wasCut || text.length > MAX_TEXT ? '…' : ''}`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, MAX_TEXT)).toString('latin1');
}
