import { describe, expect, it } from 'vitest';
import {
  bytesSource,
  exitCode,
  type Finding,
  formatReportText,
  RULES,
  RULES_VERSION,
  reportJson,
  scan,
  verdictOf,
} from '#scanner/index.ts';
import {
  BOMBS,
  CALLS,
  EVIL2,
  HIDDEN_NAMES,
  latin1,
  SPELLINGS,
  STREAMS,
  stateDict,
  tensor,
} from '../../fixtures/pickles.ts';
import { BENIGN, CONTAINERS } from '../../fixtures/scan-cases.ts';

const scanText = (bytes: string) => scan(bytesSource(latin1(bytes)));

describe('a dangerous pickle', () => {
  const report = scanText(EVIL2);

  it('is one finding, with the call that loading would make', () => {
    expect(report.findings).toEqual([
      {
        rule: 'pickle/global-dangerous',
        severity: 'dangerous',
        global: 'os.system',
        call: "os.system('echo harmless')",
        where: { pickle: 0, offset: 2, opcode: 'REDUCE' },
        message: "Loading this file would run os.system('echo harmless'). Do not load it.",
      },
    ]);
    expect(report.globals).toEqual([{ name: 'os.system', class: 'dangerous', count: 1 }]);
  });

  it('is said in the JSON that other programs read', () => {
    expect(reportJson([{ path: 'a.ckpt', report, type: 'checkpoint' }], '1.0.0')).toMatchObject({
      schema: 1,
      scanner: '1.0.0',
      rules: RULES_VERSION,
      files: [{ path: 'a.ckpt', size: EVIL2.length, container: 'pickle', verdict: 'dangerous', type: 'checkpoint' }],
    });
  });

  it('is said to people, in colour only where asked', () => {
    const plain = formatReportText('a\u001b[2J.ckpt', report);
    expect(plain).toContain('DANGEROUS  a\\u{1b}[2J.ckpt');
    expect(plain).toContain("os.system('echo harmless')");
    expect(plain).not.toContain('\u001b');
    expect(formatReportText('a', report, { colour: true })).toContain('\u001b[31m');
  });
});

it('counts tensors and names', () => {
  const report = scanText(stateDict(['a', tensor({ key: '0' })], ['b', tensor({ key: '1' })]));
  expect(report.tensors).toBe(2);
  expect(report.globals).toContainEqual({ name: 'torch._utils._rebuild_tensor_v2', class: 'allowed', count: 2 });
});

it.each([
  [[], 'clean'],
  [['note'], 'clean'],
  [['suspicious', 'note'], 'suspicious'],
  [['suspicious', 'incomplete'], 'incomplete'],
  [['incomplete', 'malformed'], 'malformed'],
  [['dangerous', 'malformed'], 'dangerous'],
] as const)('%j makes %s', (severities, verdict) => {
  expect(verdictOf(severities.map((severity): Finding => ({ rule: 'pickle/limit', severity, message: 'm' })))).toBe(
    verdict,
  );
});

it.each([
  [['clean', 'clean'], 0],
  [['malformed', 'dangerous', 'suspicious'], 1],
  [['suspicious', 'malformed'], 2],
  [['suspicious', 'incomplete'], 2],
  [['clean', 'unreadable'], 2],
  [['clean', 'suspicious'], 3],
] as const)('%j exits with %i', (verdicts, code) => {
  expect(exitCode(verdicts)).toBe(code);
});

it('lets all but the dangerous pass where asked', () => {
  expect(exitCode(['suspicious', 'malformed'], 'dangerous')).toBe(0);
  expect(exitCode(['suspicious', 'dangerous'], 'dangerous')).toBe(1);
});

it('explains every rule that any case sets off, and never speaks of malware', () => {
  for (const [, bytes, , name] of [
    ...CALLS,
    ...HIDDEN_NAMES,
    ...STREAMS,
    ...SPELLINGS,
    ...BOMBS,
    ...CONTAINERS,
    ...BENIGN,
  ]) {
    const source = bytesSource(typeof bytes === 'string' ? latin1(bytes) : bytes);
    for (const { rule, message } of scan(source, name ? { name } : {}).findings) {
      expect(RULES.has(rule), rule).toBe(true);
      expect(message).not.toMatch(/virus|malware/i);
    }
  }
});
