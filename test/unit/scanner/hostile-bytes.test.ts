import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, scan } from '#scanner/index.ts';
import { analysePickle } from '#scanner/pickle/index.ts';
import { EVIL0, EVIL2, latin1, stateDict, tensor } from '../../fixtures/pickles.ts';
import { makeZip } from '../../fixtures/zip.ts';

const OPCODES = Buffer.from(
  '(.012FIJKLMNPQRSTUVXabc}edghijlo]pqrst)uGBC\x80\x81\x82\x85\x86\x87\x88\x89\x8a\x8c\x8d\x90\x91\x92\x93\x94\x95',
  'latin1',
);
const likePickle = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...OPCODES) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
    ),
    { maxLength: 120 },
  )
  .map((bytes) => Uint8Array.from([0x80, 2, ...bytes]));

describe('any bytes', () => {
  it('end in a verdict', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), likePickle), (bytes) => {
        expect(['clean', 'suspicious', 'malformed', 'dangerous', 'incomplete']).toContain(
          scan(bytesSource(bytes)).verdict,
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('end in a verdict as a member of an archive', () => {
    fc.assert(
      fc.property(likePickle, fc.boolean(), (bytes, deflate) => {
        expect(scan(bytesSource(makeZip([{ name: 'a/data.pkl', bytes, deflate }]))).size).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

const evilZip = makeZip([{ name: 'archive/data.pkl', bytes: latin1(EVIL2) }]);
const files = [
  ['a pickle', latin1(EVIL2)],
  ['a pickle of protocol 0', latin1(EVIL0)],
  ['an archive', evilZip],
  [
    'a clean archive',
    makeZip([
      { name: 'archive/data.pkl', bytes: latin1(stateDict(['a', tensor()])) },
      { name: 'archive/data/0', bytes: new Uint8Array(16) },
    ]),
  ],
] as const;

it.each(files)('%s cut anywhere is never clean', (_, bytes) => {
  for (let length = 1; length < bytes.length; length += 1) {
    expect([length, scan(bytesSource(bytes.subarray(0, length))).verdict]).not.toEqual([length, 'clean']);
  }
});

it.each(files.slice(0, 3))('%s with a flipped bit stays dangerous unless the name itself is hit', (_, bytes) => {
  const name = Buffer.from(bytes).indexOf('os\nsystem', 0, 'latin1');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    const { verdict } = scan(bytesSource(changed));
    expect([at, verdict]).not.toEqual([at, 'clean']);
    if (at > name + 9) expect([at, verdict]).toEqual([at, 'dangerous']);
  }
});

it('nesting of calls and of values does not exhaust the reader', () => {
  const sizes = `\x80\x02${'ctorch\nSize\n'.repeat(50_000)})${'\x85R'.repeat(50_000)}.`;
  expect(scan(bytesSource(latin1(sizes))).verdict).toBe('suspicious');
});

it('one long list handed to many calls does not exhaust the reader', () => {
  const call = 'h\x01h\x00\x85R0';
  const calls = `\x80\x02](${'U\x01a'.repeat(10_000)}eq\x00ctorch\nSize\nq\x010${call.repeat(50_000)}h\x00.`;
  expect(scan(bytesSource(latin1(calls))).verdict).toBe('suspicious');
});

describe('limits', () => {
  const limited = (
    text: string,
    limits: Parameters<typeof analysePickle>[1] extends infer O ? NonNullable<O> : never,
  ) => analysePickle(latin1(text), limits).findings.map(({ rule, severity }) => `${rule} ${severity}`);

  it.each([
    ['instructions', '\x80\x02NNNNNN', { opcodes: 5 }],
    ['values at once', '\x80\x02NNNNNN', { stack: 5 }],
    ['remembered values', ']q\x00q\x01q\x02q\x03.', { memo: 3 }],
    ['marks', '((((((', { marks: 5 }],
    ['a long line', `I${'1'.repeat(50)}\n.`, { lineBytes: 20 }],
    ['stacked pickles', 'N.N.N.N.', { stackedPickles: 3 }],
  ] as const)('%s end the reading, and it is said', (_, text, limits) => {
    expect(limited(text, { limits })).toContain('pickle/limit incomplete');
  });

  it('a limit leaves standing what was found before it', () => {
    expect(limited(EVIL2 + 'N.'.repeat(10), { limits: { stackedPickles: 2 } })).toEqual([
      'pickle/global-dangerous dangerous',
      'pickle/limit incomplete',
    ]);
  });
});
