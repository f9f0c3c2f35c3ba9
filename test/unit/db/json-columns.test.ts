import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ColumnError } from '#lib/db/json-column.ts';
import { GLOBALS, IDENTITY, NON_TENSORS, readMetadata, STATISTICS, TENSORS, WHERE } from '#lib/ingest/columns.ts';
import { REPORT, REQUEST } from '#lib/merges/columns.ts';
import { EVIDENCE, PARAMETERS, PLAN, PROFILE, readPlan } from '#lib/previews/columns.ts';
import { SEEDED_PROFILES } from '#lib/previews/settings/profile-table.ts';
import { identifyFile } from '#scanner/identify/index.ts';
import { openFileSource, scan } from '#scanner/index.ts';
import { measureTensors } from '#scanner/statistics/index.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';
import { FIXTURES, makeFixtures } from '../../fixtures/model-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse columns '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const profile = SEEDED_PROFILES[0]!.data;
const subject = {
  name: 'wool',
  type: 'lora',
  base: 'sd1',
  variant: null,
  family: null,
  algorithm: 'lora',
  prediction: 'epsilon',
  absent: [],
  triggers: [{ text: 'wool', isStated: true }],
};
const host = { sha256: 'ab'.repeat(32), name: 'base', prediction: 'epsilon' };
const plan = { subject, profile, machine: 'gpu', renderer: 'engine', host, warnings: ['It may disappoint.'] } as const;

/** What stands in a row, as the first version of the program that had the column wrote it. */
const FIRST = {
  identity: {
    type: 'lora',
    base: 'sd1',
    variant: null,
    prediction: null,
    confidence: 'high',
    components: ['unet'],
    evidence: [{ field: 'base', source: 'weights', detail: 'a key' }],
  },
  tensors: [{ name: 'a.weight', dtype: 'F16', shape: [4, 0] }],
  statistics: {
    tensors: [
      {
        name: 'a.weight',
        dtype: 'F16',
        count: 0,
        nan: 0,
        infinite: 0,
        zeros: 0,
        min: null,
        max: null,
        mean: null,
        std: null,
        unmeasured: null,
      },
    ],
    problems: [],
  },
  nonTensors: [{ name: 'epoch', summary: 'int 3' }],
  globals: [{ name: 'os.system', class: 'dangerous', count: 2 }],
  where: { member: 'archive/data.pkl', offset: 12 },
  request: {
    dtype: 'f16',
    weight: 0.5,
    blocks: null,
    parts: [{ role: 'a', modelId: 1, name: 'one', sha256: 'ab'.repeat(32) }],
  },
  report: {
    tensors: 2,
    bytes: 10,
    sha256: 'ab'.repeat(32),
    merged: 1,
    unmerged: [{ name: 'x', reason: 'only-in-first' }],
    unplaced: [{ model: 'one', module: 'y' }],
    ignored: [],
    leftOut: [],
    saturated: 0,
    warnings: [],
  },
  plan,
  unplanned: { subject },
  evidence: {
    engine: 'weighhouse',
    provider: 'cpu',
    device: 'a processor',
    precision: 'fp32',
    loadSeconds: 1,
    secondsPerStep: 2,
    peakMemory: 3,
    rejected: [{ provider: 'cuda', reason: 'There is none.' }],
    notes: [],
  },
  parameters: { prompt: 'a cat', negativePrompt: null, fields: [{ label: 'Steps', value: '20' }] },
};

const ROWS = [
  ['model_file.identity', IDENTITY, FIRST.identity, { type: 5 }],
  ['model_file.tensors', TENSORS, FIRST.tensors, { 0: FIRST.tensors[0] }],
  ['model_file.statistics', STATISTICS, FIRST.statistics, { ...FIRST.statistics, problems: 'none' }],
  ['model_file.nonTensors', NON_TENSORS, FIRST.nonTensors, [{ name: 'epoch' }]],
  ['model_file.globals', GLOBALS, FIRST.globals, [{ ...FIRST.globals[0], class: 'harmless' }]],
  ['finding.where', WHERE, FIRST.where, { offset: '12' }],
  ['merge.request', REQUEST, FIRST.request, { ...FIRST.request, parts: [{ role: 'd' }] }],
  ['merge.report', REPORT, FIRST.report, { ...FIRST.report, warnings: null }],
  ['preview.plan', PLAN, FIRST.plan, { subject: 'wool' }],
  ['preview.plan', PLAN, FIRST.unplanned, { subject: { ...subject, triggers: ['wool'] } }],
  ['preview_profile.data', PROFILE, profile, { ...profile, steps: 0 }],
  ['preview.report', EVIDENCE, FIRST.evidence, { ...FIRST.evidence, provider: 'abacus' }],
  ['picture.parameters', PARAMETERS, FIRST.parameters, { ...FIRST.parameters, fields: { Steps: 20 } }],
] as const;

describe.each(ROWS)('the column %s', (name, column, written, broken) => {
  it('reads what the first version wrote, and loses nothing of it', () => {
    expect(column.read(JSON.parse(JSON.stringify(written)))).toEqual(written);
  });

  it('reads a row of a newer version, without what it does not know', () => {
    const newer = Array.isArray(written) ? written.map((one) => ({ ...one, later: 1 })) : { ...written, later: 1 };
    expect(column.read(newer)).toEqual(written);
  });

  it('says which column holds something else, and is empty for a page', () => {
    expect(() => column.read(broken)).toThrow(ColumnError);
    expect(() => column.read(broken)).toThrow(name);
    expect(column.tryRead(broken)).toBeNull();
  });

  it('is empty where nothing stands', () => {
    expect([column.read(null), column.tryRead(null), column.read(undefined)]).toEqual([null, null, null]);
  });
});

describe('what is written to a column', () => {
  it('holds texts that PostgreSQL can keep', () => {
    expect(NON_TENSORS.write([{ name: 'a\0b\ud800', summary: 'text' }])).toEqual([
      { name: 'a\ufffdb\ufffd', summary: 'text' },
    ]);
  });

  it('is of the type that is read', () => {
    // @ts-expect-error: a key that the schema does not have.
    WHERE.write({ member: 'a', offest: 1 });
    // @ts-expect-error: a class that none of the globals has.
    GLOBALS.write([{ name: 'os.system', class: 'harmless', count: 1 }]);
    // @ts-expect-error: a plan without the checkpoint that it is drawn on.
    PLAN.write({ subject, profile, machine: 'gpu', renderer: 'engine', warnings: [] });
    // @ts-expect-error: what was read may be missing.
    expect(() => IDENTITY.read(null).type).toThrow(TypeError);
  });
});

it.each(FIXTURES.filter(({ type }) => type !== undefined))(
  'all that is found in $file is read as it was written',
  async ({ file }) => {
    const [made] = makeFixtures(folder, 'slim', [file]);
    using source = openFileSource(made?.path ?? '');
    const report = scan(source, { name: file });
    const table = readTensorTable(source);
    const identity = identifyFile(source);
    const statistics = { tensors: await measureTensors(source, table), problems: [] };

    expect(IDENTITY.read(IDENTITY.write(identity))).toEqual(identity);
    expect(GLOBALS.read(GLOBALS.write(report.globals))).toEqual(report.globals);
    expect(NON_TENSORS.read(NON_TENSORS.write(table.nonTensors))).toEqual(table.nonTensors);
    expect(STATISTICS.read(STATISTICS.write(statistics))).toEqual(statistics);
    for (const { where } of report.findings) if (where) expect(WHERE.read(WHERE.write(where))).toEqual(where);
  },
);

it('tells a plan from a subject that nothing is drawn of', () => {
  expect(readPlan(JSON.parse(JSON.stringify(plan)))?.host).toEqual(host);
  expect(readPlan({ subject })).toBeNull();
  expect(readPlan({ ...plan, host: { name: 'base' } })).toBeNull();
});

it('keeps every entry of the metadata, whatever it is called', () => {
  const entries = new Map([
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['modelspec.title', 'c'],
  ]);
  expect(readMetadata(JSON.parse('{"__proto__":"a","constructor":"b","modelspec.title":"c"}'))).toEqual(entries);
  for (const nothing of [null, undefined, 'text', { a: 5 }, ['a']]) expect(readMetadata(nothing)).toEqual(new Map());
});
