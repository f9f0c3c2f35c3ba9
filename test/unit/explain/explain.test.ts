import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, explain, formatExplanation, scan } from '#scanner/index.ts';
import {
  BOMBS,
  CALLS,
  call,
  dict,
  EVIL2,
  global,
  HIDDEN_NAMES,
  int,
  latin1,
  SPELLINGS,
  STREAMS,
  stateDict,
  tensor,
  text,
} from '../../fixtures/pickles.ts';
import { BENIGN, CONTAINERS } from '../../fixtures/scan-cases.ts';

type Case = readonly [string, string | Uint8Array, string, string?];
const ALL = [...CALLS, ...HIDDEN_NAMES, ...STREAMS, ...SPELLINGS, ...BOMBS, ...CONTAINERS, ...BENIGN] as Case[];
const sourceOf = (bytes: string | Uint8Array) => bytesSource(typeof bytes === 'string' ? latin1(bytes) : bytes);
const explainText = (pickle: string) => explain(sourceOf(pickle));
const explainCase = (name: string) => explain(sourceOf(ALL.find(([id]) => id === name)?.[1] ?? ''));

describe('an explanation', () => {
  it('shows the opcodes around a finding, with what is on top after each', () => {
    const { pickles } = explainText(EVIL2);
    expect(pickles).toHaveLength(1);
    expect(pickles[0]?.steps.map(({ offset, opcode, argument }) => [offset, opcode, argument])).toEqual([
      [0, 'PROTO', '2'],
      [2, 'GLOBAL', 'os system'],
      [13, 'BINUNICODE', "'echo harmless' (13 bytes)"],
      [31, 'TUPLE1', ''],
      [32, 'REDUCE', ''],
      [33, 'STOP', ''],
    ]);
    expect(pickles[0]?.steps.filter(({ remarks }) => remarks.length > 0).map(({ offset }) => offset)).toEqual([2, 32]);
    expect(pickles[0]?.steps[4]?.effect).toBe("on top: os.system('echo harmless')");
  });

  it('leaves out what is far from any finding, and says how much', () => {
    const many = int(1).repeat(50);
    const { pickles } = explainText(`\x80\x02(${many}${EVIL2.slice(2, -1)}${many}t.`);
    const steps = pickles[0]?.steps ?? [];
    expect(steps.length).toBeLessThan(25);
    expect(steps[0]).toMatchObject({ opcode: 'BININT', argument: '1', skipped: 44 });
  });

  it.each([
    ['a call', EVIL2, ['import os.system', "_1 = os.system('echo harmless')", 'return _1']],
    [
      'INST',
      CALLS.find(([id]) => id === 'A04-inst')?.[1] as string,
      ['import os.system', "_1 = os.system('echo harmless')", 'return _1'],
    ],
    [
      'a class with a state',
      `\x80\x02${global('my_pkg', 'MyClass')})\x81${dict([text('a'), 'N'])}b.`,
      [
        'import my_pkg.MyClass',
        '_1 = my_pkg.MyClass.__new__(my_pkg.MyClass)',
        "_1.__setstate__({'a': None})",
        'return _1',
      ],
    ],
    [
      'a call of a result',
      `\x80\x02${call('my_pkg', 'factory')}${text('x')}\x85R.`,
      ['import my_pkg.factory', '_1 = my_pkg.factory()', "_2 = _1('x')", 'return _2'],
    ],
    [
      'entries of something that is no dictionary',
      `\x80\x02${call('my_pkg', 'Thing')}${text('a')}${int(1)}s.`,
      ['import my_pkg.Thing', '_1 = my_pkg.Thing()', "_1.update({'a': 1})", 'return _1'],
    ],
    [
      'a call in a stream that then breaks off',
      EVIL2.slice(0, -1),
      ['import os.system', "_1 = os.system('echo harmless')"],
    ],
    ['an extension', '\x80\x02\x82\xf0.', ['_1 = <extension 240>', 'return _1']],
  ])('decompiles %s', (_, pickle, lines) => {
    expect(explainText(pickle).pickles[0]?.lines).toEqual(lines);
  });

  it('speaks of many like calls in one line, and of each odd one among them', () => {
    const tensors = Array.from({ length: 100 }, (_, index) => [`k${index}`, tensor()] as [string, string]);
    const { lines = [] } = explainText(stateDict(...tensors, ['x', EVIL2.slice(2, -1)])).pickles[0] ?? {};
    expect(lines.length).toBeLessThan(20);
    expect(lines).toContain('# … 194 more such calls');
    expect(lines.some((line) => line.endsWith("os.system('echo harmless')"))).toBe(true);
  });

  it('goes into members of archives, in archives too, and through all five pickles of a legacy file', () => {
    expect(explainCase('F19-nested-zip3').pickles.map(({ member }) => member)).toEqual([
      'a.zip/b.ckpt/archive/data.pkl',
    ]);
    const legacy = explainCase('G02-legacy-evil-sysinfo').pickles;
    expect(legacy.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
    expect(legacy.map(({ steps }) => steps.length > 0)).toEqual([false, false, true, false, false]);
    expect(legacy[2]?.lines).toContain("_1 = os.system('echo harmless')");
  });

  it('lets no text of the file steer a terminal', () => {
    const shown = formatExplanation('x', explainText(`\x80\x02${call('os', 'system', text('\u001b[2J\u202e\r\n'))}.`));
    expect(shown).toContain("os.system('\\x1b[2J\\u{202e}\\x0d\\n')");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });

  it('has colours only where asked', () => {
    const explanation = explainText(EVIL2);
    expect(formatExplanation('x', explanation, { colour: true })).toContain('\u001b[31m');
    expect(formatExplanation('x', explanation)).not.toContain('\u001b');
  });

  it('says where it takes more memory than is left beside the scan, which was not cut short', () => {
    const numbers = `G${'\0'.repeat(8)}`.repeat(2000);
    const limits = { pickle: { heldBytes: 200_000 } };
    const { report, pickles } = explain(sourceOf(`\x80\x02(${numbers}l.`), { limits });
    expect(report.verdict).toBe('clean');
    expect(pickles[0]?.lines.at(-1)).toBe('# … the rest needs too much memory to show');
    const all = explain(sourceOf(`\x80\x02(${numbers}l.`)).pickles[0]?.lines.join('\n');
    expect(all).toContain('return');
    expect(all).not.toContain('too much memory');
  });

  it('has something to say of a file without a pickle', () => {
    expect(formatExplanation('x', explainCase('Z14-safetensors'))).toMatch(/contains no pickle/);
  });
});

describe('of every case', () => {
  it.each(ALL.map((row) => [row[0], row] as const))(
    '%s: the same report, short, every opcode found fault with shown',
    (_, row) => {
      const [, bytes, , name] = row;
      const options = name ? { name } : {};
      const explanation = explain(sourceOf(bytes), options);
      expect(explanation.report).toEqual(scan(sourceOf(bytes), options));
      const shown = formatExplanation(name ?? 'x', explanation);
      expect(shown.length).toBeLessThan(200_000);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      for (const { rule, where } of explanation.report.findings) {
        const pickles = explanation.pickles.filter(
          ({ member, number }) => member === where?.member && number === where?.pickle,
        );
        if (pickles.length === 0 || where?.opcode === undefined || where.opcode === 'end') continue;
        const remarks = pickles
          .flatMap(({ steps }) => steps)
          .filter(({ offset }) => offset === where.offset)
          .flatMap((step) => step.remarks);
        expect(
          remarks.some((remark) => remark.startsWith(rule)),
          `${rule} at ${where.offset}`,
        ).toBe(true);
      }
    },
  );
});

describe('whatever the bytes are', () => {
  const OPCODES = [...'(.012FIJKLMNPQRSTUVXabcd}eghijl]opqrst)uGBC'].map((character) => character.charCodeAt(0));
  const byte = fc.oneof(
    fc.constantFrom(...OPCODES, 0x80, ...Array.from({ length: 24 }, (_, index) => 0x81 + index), 0x0a, 0x00, 0x01),
    fc.integer({ min: 0, max: 255 }),
  );

  it('an explanation ends, agrees with the scan and steers no terminal', () => {
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 120 }), (tail) => {
        const bytes = Uint8Array.from([0x80, 0x02, ...tail]);
        const explanation = explain(bytesSource(bytes));
        expect(explanation.report).toEqual(scan(bytesSource(bytes)));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        expect(formatExplanation('x', explanation)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      }),
      { numRuns: 2000 },
    );
  });
});
