import { isAscii, isUtf8 } from 'node:buffer';
import type { BytesValue, TextValue } from '../../values.ts';
import { COST } from '../cost.ts';
import { parseRawUnicode, parseStringLiteral } from '../literals.ts';
import type { MachineState } from '../state.ts';
import type { HandlerGroup } from './handler.ts';

const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

export const STRINGS = {
  STRING: (machine, from, end) => pushStringLine(machine, machine.line(from, end)),
  BINSTRING: (machine, from, end) => pushByteString(machine, machine.bytes.subarray(from + 4, end)),
  SHORT_BINSTRING: (machine, from, end) => pushByteString(machine, machine.bytes.subarray(from + 1, end)),
  UNICODE: (machine, from, end) => pushUnicodeLine(machine, machine.line(from, end)),
  BINUNICODE: (machine, from, end) => pushUtf8(machine, machine.bytes.subarray(from + 4, end)),
  SHORT_BINUNICODE: (machine, from, end) => pushUtf8(machine, machine.bytes.subarray(from + 1, end)),
  BINUNICODE8: (machine, from, end) => pushUtf8(machine, machine.bytes.subarray(from + 8, end)),
  BINBYTES: (machine, from, end) => pushBytes(machine, 'bytes', machine.bytes.subarray(from + 4, end)),
  SHORT_BINBYTES: (machine, from, end) => pushBytes(machine, 'bytes', machine.bytes.subarray(from + 1, end)),
  BINBYTES8: (machine, from, end) => pushBytes(machine, 'bytes', machine.bytes.subarray(from + 8, end)),
  BYTEARRAY8: (machine, from, end) => pushBytes(machine, 'bytearray', machine.bytes.subarray(from + 8, end)),
} as const satisfies HandlerGroup;

/** Keeps the beginning of a text: names are far shorter than the limit, and what is shown is shorter still. */
function truncate(machine: MachineState, text: string): TextValue {
  const limit = machine.context.limits.keptTextBytes;
  const cut = text.length > limit;
  // A slice would keep the whole text in memory.
  const kept = cut ? Buffer.from(text.slice(0, limit), 'utf16le').toString('utf16le') : text;
  machine.charge(COST.text + 2 * kept.length);
  return { kind: 'str', text: kept, cut, length: countCharacters(text) };
}

function pushUnicodeLine(machine: MachineState, line: string): void {
  const text = parseRawUnicode(line);
  if (text === null) machine.broken('a string has an invalid escape');
  machine.push(truncate(machine, text ?? line));
}

function pushUtf8(machine: MachineState, bytes: Uint8Array): void {
  const isPlain = isAscii(bytes);
  if (!isPlain && !isUtf8(bytes) && !isUtf8(replaceSurrogates(bytes))) machine.broken('a string is not valid text');
  const limit = machine.context.limits.keptTextBytes;
  const kept = bytes.subarray(0, limit);
  // Names are ASCII, which needs no decoder, and which V8 keeps in one byte per character.
  const text = isPlain ? Buffer.from(kept.buffer, kept.byteOffset, kept.length).toString('latin1') : lossy.decode(kept);
  machine.charge(COST.text + (isPlain ? 1 : 2) * text.length);
  const length = isPlain ? bytes.length : countCodePoints(bytes);
  machine.push({ kind: 'str', text, cut: bytes.length > limit, length });
}

function pushStringLine(machine: MachineState, line: string): void {
  const text = parseStringLiteral(line);
  if (text === null) machine.broken('a string has no quotes or an invalid escape');
  if (/\P{ASCII}/u.test(line) || line.trim() !== line)
    machine.suspicious('pickle/odd-text', 'A string is written in a way that different programs may read differently.');
  const bytes = Buffer.from(text ?? '', 'latin1');
  machine.context.onBytes(bytes, machine.place);
  machine.charge(COST.bytes + bytes.length);
  machine.push({ ...truncate(machine, text ?? ''), bytes });
}

function pushByteString(machine: MachineState, bytes: Uint8Array): void {
  machine.context.onBytes(bytes, machine.place);
  const limit = machine.context.limits.keptTextBytes;
  const text = Buffer.from(bytes.subarray(0, limit)).toString('latin1');
  machine.charge(COST.text + COST.bytes + text.length);
  machine.push({ kind: 'str', text, cut: bytes.length > limit, length: bytes.length, bytes });
}

function pushBytes(machine: MachineState, kind: BytesValue['kind'], bytes: Uint8Array): void {
  machine.context.onBytes(bytes, machine.place);
  machine.charge(COST.text + COST.bytes);
  machine.push({ kind, bytes });
}

/** Characters as Python counts them: a pair of surrogates is one. */
function countCharacters(text: string): number {
  let pairs = 0;
  for (let at = 0; at + 1 < text.length; at += 1) if ((text.codePointAt(at) ?? 0) > 0xffff) pairs += 1;
  return text.length - pairs;
}

/** Characters of a text in UTF-8: bytes that begin one. */
function countCodePoints(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) count += 1;
  return count;
}

/** Python accepts lone surrogates in a text and UTF-8 does not: replaces each by another character of three bytes. */
function replaceSurrogates(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let at = copy.indexOf(0xed); at >= 0 && at + 2 < copy.length; at = copy.indexOf(0xed, at + 1)) {
    if ((copy[at + 1] ?? 0) >= 0xa0) copy[at] = 0xee;
  }
  return copy;
}
