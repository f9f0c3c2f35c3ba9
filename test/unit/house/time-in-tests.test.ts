import { expect, it } from 'vitest';
import { lintProbe } from './lint-probe.ts';

const lint = (body: string) => {
  const source = `import { beforeAll, expect, it, vi } from 'vitest';\n\n${body}\n`;
  const { output, ran } = lintProbe('test/unit/probe.test.ts', source);
  expect(ran).toBe(true);
  return output.match(/[^\n]*(?:one limit is in|Wait with|does not sleep|decides no test)[^\n]*/g) ?? [];
};

it.each([
  "it('is there', () => expect.poll(() => 1, { timeout: 1000 }).toBe(1));",
  "it('is there', () => expect.poll(() => 1, { interval: 5, timeout: 1000 }).toBe(1));",
  "it('is there', () => vi.waitFor(() => 1));",
  "it('is there', () => vi.waitUntil(() => true, { timeout: 5 }));",
  "it('is there', async () => {\n  expect(1).toBe(1);\n}, 60_000);",
  "it.each([1])('is there', (one) => expect(one).toBe(1), 60_000);",
  "it('is there', { timeout: 5 }, () => expect(1).toBe(1));",
  'beforeAll(() => {}, 5000);',
  "it('is there', () => new Promise((done) => setTimeout(done, 300)));",
  "it('is quick', () => expect(performance.now()).toBeLessThan(5));",
])('no test is decided by time: %s', (body) => {
  expect(lint(body)).toHaveLength(1);
});

it.each([
  "it('is there', () => expect.poll(() => 1, { interval: 5 }).toBe(1));",
  "it('is there', { retry: 2 }, () => expect(1).toBe(1));",
  "it('is stopped', () => expect({ timeout: 5 }).toEqual({ timeout: 5 }));",
])('but a test may wait, and look at limits: %s', (body) => {
  expect(lint(body)).toEqual([]);
});
