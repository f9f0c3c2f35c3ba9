/** Changes of pickles at their opcodes, and of the pickles inside archives, so that what surrounds them stays whole. */
import { readZip, viewMember } from '#scanner/containers/index.ts';
import { bytesSource } from '#scanner/index.ts';
import { analysePickle } from '#scanner/pickle/index.ts';
import { join, latin1 } from '../../fixtures/pickles.ts';
import { makeZip, type ZipPart } from '../../fixtures/zip.ts';
import { mutate } from '../mutate.ts';
import type { Random } from '../random.ts';
import { noise, number } from './maker.ts';
import { newMaker } from './pickle-values.ts';

const MAX_MEMBER = 64 * 1024;

interface Piece {
  opcode: string;
  start: number;
  end: number;
}

function piecesOf(bytes: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  analysePickle(bytes, {
    count: 1,
    ignoreRest: true,
    limits: { milliseconds: 2000 },
    onStep: ({ offset, end, opcode }) => {
      if (opcode !== 'end') pieces.push({ opcode, start: offset, end });
    },
  });
  return pieces;
}

const NUMBER = /^(BININT|INT|LONG)/;
const NAME = /^(GLOBAL|STACK_GLOBAL)$/;
const VALUE = /^(NONE|NEW|EMPTY|BIN(INT|UNICODE|BYTES|FLOAT)|SHORT_BIN|GLOBAL|INT|LONG)/;

/** The pickle that a file begins with, with one to four opcodes changed. */
export function mutatePickle(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const pieces = piecesOf(bytes);
  if (pieces.length < 3) return mutate(bytes, others, random);
  const parts = pieces.map(({ start, end }) => Buffer.from(bytes.subarray(start, end)).toString('latin1'));
  const names = pieces.flatMap(({ opcode }, at) => (NAME.test(opcode) && opcode === 'GLOBAL' ? [parts[at] ?? ''] : []));
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) {
    const at = random.below(parts.length);
    const opcode = pieces[at]?.opcode ?? '';
    if (NUMBER.test(opcode))
      parts[at] = number(random.pick([-1n, 0n, 1n, 2n, 2n ** 31n - 1n, 2n ** 40n, 2n ** 62n, 63n]), random);
    else if (opcode === 'GLOBAL' && random.chance(0.7)) parts[at] = random.pick(names);
    else if (/^(NEWTRUE|NEWFALSE|NONE)$/.test(opcode))
      parts[at] = random.pick(['N', '\x88', '\x89', 'K\x01', ')', '}']);
    else if (/BYTES|STRING/.test(opcode) && random.chance(0.5))
      parts[at] = `C\x08${noise(random, 8).toString('latin1')}`;
    else if (VALUE.test(opcode) && random.chance(0.5)) {
      {
        const maker = { ...newMaker(random), depth: 3 };
        parts[at] = maker.anything(maker);
      }
    } else parts[at] = random.pick(['', `${parts[at]}${parts[at]}`, random.pick(parts)]);
  }
  return join(latin1(parts.join('')), bytes.subarray(pieces.at(-1)?.end ?? 0));
}

/** A zip archive with some of its members changed inside, and every record true again. */
export function mutateZipMembers(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let parts: ZipPart[];
  try {
    const source = bytesSource(bytes);
    parts = readZip(source)
      .entries.slice(0, 20)
      .map((entry) => {
        const { source: member } = viewMember(source, entry, MAX_MEMBER);
        return { name: entry.name, bytes: Uint8Array.from(member.read(0, Math.min(member.size, MAX_MEMBER))) };
      });
  } catch {
    return mutatePickle(bytes, others, random);
  }
  if (parts.length === 0) return mutate(bytes, others, random);
  for (let changes = 1 + random.below(2); changes > 0; changes -= 1) {
    const part = random.pick(parts);
    const isPickle = part.bytes[0] === 0x80 || /pkl$/i.test(part.name);
    part.bytes = isPickle ? mutatePickle(part.bytes, others, random) : mutate(part.bytes, others, random);
  }
  if (random.chance(0.1)) parts = parts.filter(() => random.chance(0.8));
  return makeZip(parts);
}
