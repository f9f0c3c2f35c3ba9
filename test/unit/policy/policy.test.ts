import { describe, expect, it } from 'vitest';
import { bytesSource, PolicyError, parsePolicy, scan } from '#scanner/index.ts';
import { call, dict, EVIL2, global, latin1, text } from '../../fixtures/pickles.ts';

const policyOf = (value: object) => parsePolicy(JSON.stringify(value));
const scanWith = (pickle: string, policy: object) => scan(bytesSource(latin1(pickle)), { policy: policyOf(policy) });

const bytes = (content: string) => `B${String.fromCharCode(content.length)}\0\0\0${content}`;

const CUSTOM = `\x80\x02${global('my_pkg', 'MyClass')})\x81${dict([text('a'), 'N'])}b.`;

describe('a policy', () => {
  it('makes a note of a name that it allows, and still says so', () => {
    const report = scanWith(CUSTOM, { allow: ['my_pkg.MyClass'] });
    expect(report.verdict).toBe('clean');
    expect(report.findings).toMatchObject([
      { rule: 'policy/allowed', severity: 'note', global: 'my_pkg.MyClass', where: { offset: 2 } },
    ]);
    expect(report.globals).toEqual([{ name: 'my_pkg.MyClass', class: 'unknown', count: 1 }]);
  });

  it.each([['my_pkg.Other'], ['my_pkg.MyClass2'], ['my_pkg.sub.MyClass'], ['MY_PKG.MyClass']])(
    'that allows %s allows nothing else',
    (name) => {
      expect(scanWith(CUSTOM, { allow: [name] }).verdict).toBe('suspicious');
    },
  );

  it.each([
    ['pickle/call-computed', `\x80\x02${call('my_pkg', 'MyClass')})R.`],
    ['pickle/build-misused', `\x80\x02${global('my_pkg', 'MyClass')}${dict([text('__reduce__'), 'N'])}b.`],
    ['pickle/global-dangerous', `\x80\x02${global('my_pkg', 'MyClass')}(${EVIL2.slice(2, -1)}tR.`],
  ])('that allows a class does not answer for %s', (rule, pickle) => {
    const report = scanWith(pickle, { allow: ['my_pkg.MyClass'] });
    expect(report.verdict).toBe('dangerous');
    expect(report.findings.map((finding) => finding.rule)).toContain(rule);
  });

  it('lets no name slip through behind those that it allows', () => {
    const names = Array.from({ length: 40 }, (_, index) => `C${index}`);
    const pickle = `\x80\x02](${names.map((name) => global('my_pkg', name)).join('')}e.`;
    const allow = names.map((name) => `my_pkg.${name}`);
    expect(scanWith(pickle, { allow }).verdict).toBe('clean');
    const report = scanWith(pickle, { allow: allow.slice(0, -1) });
    expect(report.verdict).toBe('suspicious');
    expect(report.findings.at(-1)).toMatchObject({ rule: 'pickle/global-unknown', global: 'my_pkg.C39' });
  });

  it.each([['collections.OrderedDict'], ['collections.*']])('that denies %s makes a harmless use dangerous', (name) => {
    const report = scanWith(`\x80\x02${call('collections', 'OrderedDict')}.`, { deny: [name] });
    expect(report).toMatchObject({
      verdict: 'dangerous',
      findings: [{ rule: 'policy/denied', global: 'collections.OrderedDict' }],
    });
  });

  it.each([
    ['a pickle in a text', `\x80\x02${bytes(`\x80\x02${global('my_pkg', 'MyClass')}.`)}.`],
    [
      'a pickle in a text of a pickle in a text',
      `\x80\x02${bytes(`\x80\x02${bytes(`\x80\x02${global('my_pkg', 'MyClass')}.`)}.`)}.`,
    ],
    ['INST', `(imy_pkg\nMyClass\n.`],
  ])('that denies a name sees it in %s', (_, pickle) => {
    expect(scanWith(pickle, {}).verdict).toBe('suspicious');
    const report = scanWith(pickle, { deny: ['my_pkg.*'] });
    expect(report.verdict).toBe('dangerous');
    expect(report.findings).toContainEqual(
      expect.objectContaining({ rule: 'policy/denied', global: 'my_pkg.MyClass' }),
    );
  });

  it('that denies nothing finds an object behind a number dangerous all the same', () => {
    expect(scanWith('\x80\x02\x82\x05.', {}).verdict).toBe('dangerous');
    expect(scanWith('\x80\x02\x82\x05.', { allow: ['my_pkg.MyClass'] }).verdict).toBe('dangerous');
  });

  it('takes limits with units, and a scan may be given others', () => {
    expect(policyOf({ limits: { milliseconds: '10s', pickle: { opcodes: '1M' } } }).limits).toEqual({
      milliseconds: 10_000,
      pickle: { opcodes: 1_000_000 },
    });
    const policy = policyOf({ limits: { pickle: { opcodes: 2 } } });
    const source = bytesSource(latin1(CUSTOM));
    expect(scan(source, { policy }).verdict).toBe('incomplete');
    expect(scan(source, { policy, limits: { pickle: { opcodes: 100 } } }).verdict).toBe('suspicious');
  });

  it('sees through the spellings of Python 2', () => {
    expect(scanWith(`\x80\x02${call('__builtin__', 'set', ']')}.`, { deny: ['builtins.set'] }).verdict).toBe(
      'dangerous',
    );
  });

  it('that denies and allows one name denies it', () => {
    expect(scanWith(CUSTOM, { allow: ['my_pkg.MyClass'], deny: ['my_pkg.*'] }).verdict).toBe('dangerous');
  });

  it('sets limits, one at a time', () => {
    const report = scanWith(CUSTOM, { allow: ['my_pkg.MyClass'], limits: { pickle: { opcodes: 2 } } });
    expect(report.findings.map(({ rule }) => rule)).toContain('pickle/limit');
    expect(report.verdict).toBe('incomplete');
  });
});

it.each([
  ['{', /not JSON/],
  ['[]', /expected object/],
  ['{"allowDangerous": true}', /allowDangerous/],
  ['{"allow": "a.b"}', /allow: .*expected array/],
  ['{"allow": ["os.system"]}', /allow\.0: os\.system is dangerous/],
  ['{"allow": ["my_pkg.os.system"]}', /dangerous/],
  ['{"allow": ["my_pkg.*"]}', /allow\.0: Write the module and the name/],
  ['{"allow": ["MyClass"]}', /allow\.0: Write the module and the name/],
  ['{"deny": ["*"]}', /deny\.0: /],
  ['{"limits": {"depth": 0}}', /limits\.depth: /],
  ['{"limits": {"pickle": {"opcode": 5}}}', /limits\.pickle\.opcode: .*Unknown limit/],
])('%s is refused with the reason', (json, reason) => {
  expect(() => parsePolicy(json)).toThrow(PolicyError);
  expect(() => parsePolicy(json)).toThrow(reason);
});
