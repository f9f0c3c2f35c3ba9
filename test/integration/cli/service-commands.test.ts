import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.ts';

const home = mkdtempSync(join(tmpdir(), 'weighhouse nowhere '));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('in a folder where no service has run', () => {
  it.each([
    [['user', 'list', '--format', 'json']],
    [['user', 'set-role', 'ada@example.org', 'admin']],
    [['user', 'create', 'ada@example.org', '--name', 'Ada']],
    [['user', 'reset', 'ada@example.org']],
    [['user', 'invite', '--role', 'viewer']],
    [['user', 'invitations']],
    [['user', 'reset-two-factor', 'ada@example.org']],
    [['user', 'sessions', 'ada@example.org']],
    [['user', 'edit', 'ada@example.org', '--name', 'Ada']],
    [['user', 'disable', 'ada@example.org']],
    [['user', 'enable', 'ada@example.org']],
    [['user', 'remove', 'ada@example.org']],
    [['user', 'transfer', 'ada@example.org', 'ben@example.org']],
    [['user', 'quota', 'ada@example.org', '--bytes', '500GB', '--files', 'none']],
    [['user', 'role-quota', 'viewer', '--files', '1000']],
    [['token', 'create', '--name', 'x']],
    [['audit', 'export']],
    [['import', '/']],
    [['import', '--list']],
  ])('%j says so, and makes no database there', async (args) => {
    const { code, stdout, stderr } = await runCli(args, { WEIGHHOUSE_HOME: home });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim()).toBe(
      `weighhouse: No service data found in ${home}. Set WEIGHHOUSE_HOME to the data folder of the service, or start the service first with \`npm start\`.`,
    );
    expect(readdirSync(home)).toEqual([]);
  });
});

it('says that the data folder cannot be read, and does not call it empty', async () => {
  const closed = join(home, 'loop');
  symlinkSync(closed, closed);
  const { code, stdout, stderr } = await runCli(['import', '/'], { WEIGHHOUSE_HOME: closed });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.trim()).toBe(
    `weighhouse: The data folder ${closed} cannot be read (ELOOP). Run the command as the user that the service runs as.`,
  );
});

it('names a setting that does not hold', async () => {
  const { code, stdout, stderr } = await runCli(['user', 'list'], { WEIGHHOUSE_HOME: home, PORT: 'many' });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^weighhouse: .*\n {2}PORT: /);
});

it.each([
  [[]],
  [['scan']],
  [['identify']],
  [['inspect']],
  [['hash']],
  [['convert']],
  [['upload']],
  [['token', 'create']],
  [['user', 'list']],
  [['user', 'set-role']],
  [['user', 'create']],
  [['user', 'reset']],
  [['user', 'invite']],
  [['user', 'invitations']],
  [['user', 'sessions']],
  [['user', 'reset-two-factor']],
  [['user', 'edit']],
  [['user', 'disable']],
  [['user', 'enable']],
  [['user', 'remove']],
  [['user', 'transfer']],
  [['audit', 'export']],
  [['import']],
  [['web']],
  [['worker']],
])('%j --help ends with an example', async (args) => {
  const { code, stdout, stderr } = await runCli([...args, '--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(new RegExp(`\\n  .*weighhouse ${args.join(' ')}.*\\n$`));
});
