import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { VERSION } from '#lib/version.ts';
import { BIN } from '../../support/cli.ts';

/** Runs `weighhouse --version` in a Node with these options. */
function startIn(...options: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, BIN, '--version'], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}
const said = { code: 0, stdout: `${VERSION}\n`, stderr: '' };
const script = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
const OLDER = "Object.defineProperty(process.versions, 'node', { value: '22.22.0' });";

it('starts no other process where the running Node is new enough', () => {
  expect(startIn('--permission', '--allow-fs-read=*')).toEqual(said);
  const older = startIn('--permission', '--allow-fs-read=*', '--import', script(OLDER));
  expect(older.code).not.toBe(0);
  expect(older.stderr).toMatch(/ERR_ACCESS_DENIED/);
});

it.each([
  ['becomes the Node that the project brings', OLDER],
  ['starts it where a process cannot become another', `${OLDER} process.execve = undefined;`],
])('in an older Node %s', (_, preparation) => {
  expect(startIn('--import', script(preparation))).toEqual(said);
});
