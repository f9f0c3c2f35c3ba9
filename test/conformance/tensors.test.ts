import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ByteSource, bytesSource, openFileSource, scan } from '#scanner/index.ts';
import type { TensorRecord } from '#scanner/pickle/index.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';
import { corpusFiles } from '../fixtures/corpus.ts';
import { FIXTURES, makeFixtures } from '../fixtures/model-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse tensors '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Shape, steps and first element of every tensor, as the opcode machine saw it. */
function seenByMachine(source: ByteSource): string[] {
  const records: TensorRecord[] = [];
  scan(source, { onPickle: ({ tensors }) => void records.push(...tensors) });
  return unique(records.map(({ shape, stride, offset }) => line(shape, stride, offset)));
}

/** The same of the object that pickleparser rebuilds. */
function seenByParser(source: ByteSource): string[] {
  const { tensors } = readTensorTable(source);
  return unique(tensors.map(({ shape, storage }) => line(shape, storage.stride, storage.offset)));
}

const line = (...parts: readonly (number | readonly number[])[]) => JSON.stringify(parts);
/** A tensor under two names is one record, and two where it was pickled twice: how often is not compared. */
const unique = (lines: readonly string[]) => [...new Set(lines)].sort();

for (const _ of makeFixtures(folder, 'slim'));
const pickled = FIXTURES.flatMap(({ file, verdict }) =>
  verdict === 'clean' && /\.(ckpt|pt)$/.test(file) ? [file] : [],
);
/** State dicts whose numbers lie beside them, without which pickleparser's side has no table. */
const rows = corpusFiles().filter(({ id }) => /^Z(01|02|05|06-(new|other)|07|21|22|36)\b/.test(id));

describe('the tensors of the opcode machine are those of pickleparser', () => {
  it.each(pickled)('%s', (file) => {
    using source = openFileSource(join(folder, file));
    const ours = seenByMachine(source);
    expect(ours.length).toBeGreaterThan(0);
    expect(ours).toEqual(seenByParser(source));
  });

  it.each(rows.map(({ id, bytes }) => [id, bytes] as const))('%s', (_, bytes) => {
    const source = bytesSource(bytes);
    expect(seenByMachine(source)).toEqual(seenByParser(source));
  });
});
