import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSafetensorsFile } from '#lib/demo/index.ts';
import { BIN, runCli } from '../../support/cli.ts';
import { waitFor } from '../../support/wait-for.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse merge safety '));
const at = (name: string) => join(folder, name);
const BYTES = 32 * 1024 * 1024;
const models = [at('a.safetensors'), at('b.safetensors')];
const merging = ['merge', ...models, '--name', 'mix', '--out'];
const others = () => readdirSync(folder).filter((name) => !/^([ab]\.safetensors|small)$/.test(name));
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

beforeAll(() => {
  for (const [seed, path] of models.entries()) {
    const tensor = { name: 'model.diffusion_model.w', dtype: 'F16', shape: [BYTES / 2] } as const;
    writeSafetensorsFile(path, { tensors: [tensor], seed });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const partSize = () => {
  const part = others().find((name) => name.endsWith('.part'));
  return part === undefined ? -1 : (statSync(at(part), { throwIfNoEntry: false })?.size ?? -1);
};

it.skipIf(process.platform === 'win32')(
  'killed in the middle of writing and while it reads back it leaves nothing under its name, and the next run clears the rest',
  async () => {
    const { stdout } = await runCli([...merging, at('out.safetensors'), '--format', 'json']);
    const whole = digest(at('out.safetensors'));
    expect(JSON.parse(stdout)).toMatchObject({ sha256: whole, verified: true });
    const killAt = async (moment: number) => {
      rmSync(at('out.safetensors'), { force: true });
      const child = spawn(process.execPath, [BIN, ...merging, at('out.safetensors')], {
        stdio: 'ignore',
        detached: true,
      });
      const ended = once(child, 'exit');
      await waitFor(partSize, (size) => size >= moment || child.exitCode !== null, 1);
      // The command hands over to a Node of its own: the whole group is killed.
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
      if (existsSync(at('out.safetensors'))) expect(digest(at('out.safetensors'))).toBe(whole);
      else expect(others()).toEqual([expect.stringMatching(/^out\.safetensors\..+\.checking(\.part)?$/)]);
      return child.signalCode === 'SIGKILL';
    };
    // It may come to its end before the signal does; then it is tried again.
    for (const moment of [1, BYTES]) while (!(await killAt(moment)));
    rmSync(at('out.safetensors'), { force: true });
    expect(await runCli([...merging, at('out.safetensors')])).toMatchObject({ code: 0, stderr: '' });
    expect(others()).toEqual(['out.safetensors']);
    expect(digest(at('out.safetensors'))).toBe(whole);
  },
);

const mounts =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', '-o', 'size=1M', 'tmpfs', '/mnt']).status === 0;

it.skipIf(!mounts)(
  'says that the disk is full when it fills in the middle of a merge, and leaves nothing on it',
  () => {
    mkdirSync(at('small'));
    const script =
      'mount -t tmpfs -o size=20M tmpfs "$1" && "$2" "$3" merge "$4" "$5" --out "$1/out.safetensors"; echo $?; ls -A "$1"';
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['-rm', 'sh', '-c', script, 'sh', at('small'), process.execPath, BIN, ...models],
      { encoding: 'utf8' },
    );
    expect(stderr).toMatch(/The disk is full\./);
    expect(stdout).toBe('2\n');
  },
);
