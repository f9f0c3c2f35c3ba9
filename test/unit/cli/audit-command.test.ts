import { CommanderError } from 'commander';
import { expect, it, vi } from 'vitest';
import { createProgram } from '#lib/cli/program.ts';

it.each([
  [['--from', 'yesterday'], /Use a date/],
  [['--until', '1'], /Use a date/],
  [['--time', '1h'], /Use 24h, 7d or 30d/],
  [['--model', 'x'], /number of a model/],
  [['--action', 'file.retry,file.retyr'], /Valid actions: .*file\.retry/],
  [['--time', '7d', '--until', '2026-03-01'], /cannot be used with/],
  [['--format', 'json'], /csv, jsonl/],
  [['--person', 'a b'], /e-mail or the id/],
])('audit export refuses %j, which filters nothing on a page', async (args, words) => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const argv = ['audit', 'export', ...args];
  const program = await createProgram(argv);
  await expect(program.parseAsync(argv, { from: 'user' })).rejects.toThrow(CommanderError);
  expect(said.mock.calls.join('')).toMatch(words);
  said.mockRestore();
});
