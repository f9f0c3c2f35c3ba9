import { OPCODES, type PickleStep, printable, type Value } from '../pickle/index.ts';

const MAX_ITEMS = 16;
const MAX_DEPTH = 6;
const MAX_TEXT = 120;

/** Writes values as Python would, each under the name that it was given, until `budget` characters are used up. */
export class ValueWriter {
  readonly names = new Map<Value, string>();
  #left = 0;

  write(value: Value, budget: number): string {
    this.#left = budget;
    return this.#value(value, 0);
  }

  writeAll(values: readonly Value[], budget: number): string {
    this.#left = budget;
    return this.#items(values, 0);
  }

  #value(value: Value, depth: number): string {
    const text = this.names.get(value) ?? this.#render(value, depth);
    this.#left -= text.length;
    return text;
  }

  #render(value: Value, depth: number): string {
    if (this.#left <= 0 || depth > MAX_DEPTH) return '…';
    switch (value.kind) {
      case 'none':
        return 'None';
      case 'bool':
        return value.value ? 'True' : 'False';
      case 'int':
        return value.value === null ? '<a very long number>' : printable(String(value.value));
      case 'float':
        return String(value.value);
      case 'str':
        return quote(value.text, value.cut);
      case 'bytes':
      case 'bytearray': {
        const text = `b${quote(Buffer.from(value.bytes.subarray(0, MAX_TEXT + 1)).toString('latin1'), false)}`;
        return value.kind === 'bytes' ? text : `bytearray(${text})`;
      }
      case 'list':
        return `[${this.#items(value.items, depth + 1)}]`;
      case 'tuple':
        return `(${this.#items(value.items, depth + 1)}${value.items.length === 1 ? ',' : ''})`;
      case 'set':
      case 'frozenset':
        return `${value.kind}([${this.#items(value.items, depth + 1)}])`;
      case 'dict':
        return `{${this.#entries(value.items, depth + 1)}}`;
      case 'global':
        return printable(value.name);
      case 'call':
        return `${this.#value(value.callee, depth + 1)}(${this.#items(value.args, depth + 1)})`;
      case 'persistent':
        return value.storage === null
          ? `persistent_load(${this.#value(value.id, depth + 1)})`
          : `<storage ${printable(value.storage.key)}>`;
      case 'opaque':
        return `<${printable(value.what)}>`;
    }
  }

  #items(values: readonly Value[], depth: number): string {
    const parts: string[] = [];
    for (const value of values) {
      if (parts.length >= MAX_ITEMS || this.#left <= 0) {
        parts.push(`… ${values.length - parts.length} more`);
        break;
      }
      parts.push(this.#value(value, depth));
    }
    return parts.join(', ');
  }

  #entries(items: readonly Value[], depth: number): string {
    const parts: string[] = [];
    for (let index = 0; index + 1 < items.length; index += 2) {
      const [key, value] = [items[index], items[index + 1]];
      if (key === undefined || value === undefined) break;
      if (parts.length >= MAX_ITEMS || this.#left <= 0) {
        parts.push(`… ${items.length / 2 - parts.length} more`);
        break;
      }
      parts.push(`${this.#value(key, depth)}: ${this.#value(value, depth)}`);
    }
    return parts.join(', ');
  }
}

/** The operand of an opcode, as text. */
export function describeOperand(bytes: Uint8Array, { offset, end, opcode }: PickleStep): string {
  const operand = opcode === 'end' ? undefined : OPCODES.get(bytes[offset] ?? 0)?.operand;
  if (operand === undefined || operand === 0) return '';
  const data = Buffer.from(bytes.subarray(offset + 1, end));
  if (operand === 'line' || operand === 'two-lines') {
    const lines = data
      .subarray(0, MAX_TEXT * 4)
      .toString('latin1')
      .trimEnd()
      .split('\n');
    return lines.map(printable).join(' ');
  }
  if (opcode === 'BINFLOAT') return String(data.readDoubleBE());
  if (opcode === 'BININT' || opcode === 'EXT4') return String(data.readInt32LE());
  if (operand === 8) return String(data.readBigUInt64LE());
  if (typeof operand === 'number') return String(data.readUIntLE(0, operand));
  const content = data.subarray({ u1: 1, u4: 4, u8: 8 }[operand]);
  if (opcode.startsWith('LONG')) return `(${content.length} bytes)`;
  const encoding = opcode.includes('UNICODE') ? 'utf8' : 'latin1';
  return `${quote(content.subarray(0, MAX_TEXT + 1).toString(encoding), false)} (${content.length} bytes)`;
}

function quote(text: string, wasCut: boolean): string {
  const escaped = text.slice(0, MAX_TEXT).replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n');
  return `'${printable(escaped)}'${wasCut || text.length > MAX_TEXT ? '…' : ''}`;
}
