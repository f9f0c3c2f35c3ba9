import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { convertToSafetensors } from '#scanner/convert/index.ts';
import { openFileSource } from '#scanner/index.ts';
import { makeTorchZip, pickle, tensor } from '../../fixtures/torch-file.ts';
import { BIN, runCli } from '../../support/cli.ts';
import { waitFor } from '../../support/wait-for.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse convert safety '));
const at = (name: string) => join(folder, name);
const ELEMENTS = 8_000_000;
let whole = '';
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const others = () => readdirSync(folder).filter((name) => !/^(model\.ckpt|whole\.safetensors|small)$/.test(name));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const numbers = new Uint8Array(Float32Array.from({ length: ELEMENTS }, (_, i) => i).buffer);
  const object = pickle.dict([[pickle.text('w'), tensor({ elements: ELEMENTS, shape: [ELEMENTS] })]]);
  writeFileSync(at('model.ckpt'), makeTorchZip(object, { 0: numbers }));
  expect((await runCli(['convert', at('model.ckpt'), at('whole.safetensors')])).code).toBe(0);
  whole = digest(at('whole.safetensors'));
});

const isPart = (name: string) => /\.(checking|part)$/.test(name);
const end = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

it.skipIf(process.platform === 'win32')(
  'killed at any moment it leaves nothing or the whole file under its name, and the next run clears the rest',
  async () => {
    // The file has its size from the beginning, and blocks as it is written.
    const bytesOf = (name: string) => (statSync(at(name), { throwIfNoEntry: false })?.blocks ?? -1) * 512;
    const written = () => Math.max(-1, ...others().map(bytesOf));
    // Before it has begun, while it writes, and while it reads back, or moves its file, or is done already.
    for (const moment of [-1, 0, 0.3, 0.6, 1]) {
      rmSync(at('out.safetensors'), { force: true });
      const child = spawn(process.execPath, [BIN, 'convert', at('model.ckpt'), at('out.safetensors')], {
        stdio: 'ignore',
        detached: true,
      });
      const ended = end(child);
      await waitFor(written, (size) => size >= moment * ELEMENTS * 4 || child.exitCode !== null, 1);
      // The command hands over to a Node of its own: the whole group is killed.
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
      const names = others();
      expect(names.filter((name) => !isPart(name) && name !== 'out.safetensors')).toEqual([]);
      if (names.includes('out.safetensors')) expect(digest(at('out.safetensors'))).toBe(whole);
    }
    rmSync(at('out.safetensors'), { force: true });
    expect((await runCli(['convert', at('model.ckpt'), at('out.safetensors')])).code).toBe(0);
    expect(others()).toEqual(['out.safetensors']);
    expect(digest(at('out.safetensors'))).toBe(whole);
    rmSync(at('out.safetensors'));
  },
);

it.skipIf(process.platform !== 'linux')(
  'clears what was left by one that ended and whose parent never asks',
  async () => {
    // `sleep` does not know that the shell before it had a child, which ends when the shell is no more.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 3600'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number.parseInt(String((await once(parent.stdout, 'data'))[0]), 10);
    const isZombie = () => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
    await expect.poll(isZombie).toBe(true);
    writeFileSync(at(`left.safetensors.${hostname().replace(/[^\w-]/g, '_')}.${pid}.checking`), 'half');
    expect((await runCli(['convert', at('model.ckpt'), at('left.safetensors')])).code).toBe(0);
    expect(others()).toEqual(['left.safetensors']);
    rmSync(at('left.safetensors'));
    parent.kill('SIGKILL');
  },
);

it('clears what a killed conversion left, and nothing of one that runs or of another machine', async () => {
  const host = hostname().replace(/[^\w-]/g, '_');
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const left = [`left.safetensors.${host}.${gone}.checking`, `left.safetensors.${host}.${gone}.checking.part`];
  const kept = [
    `left.safetensors.${host}.${process.pid}.checking.part`,
    `left.safetensors.elsewhere.${gone}.checking.part`,
    `mine.safetensors.${host}.${gone}.checking`,
  ];
  for (const name of [...left, ...kept]) writeFileSync(at(name), 'half');
  expect((await runCli(['convert', at('model.ckpt'), at('left.safetensors')])).code).toBe(0);
  expect(others().sort()).toEqual(['left.safetensors', ...kept].sort());
  for (const name of others()) rmSync(at(name));
});

it.skipIf(process.platform !== 'linux')('leaves nothing on a full disk, and keeps what stood there', async () => {
  writeFileSync(at('full.safetensors'), 'mine');
  // A device on which every write finds the disk full, in the place of the file that is being written.
  symlinkSync('/dev/full', at('full.safetensors.part'));
  using source = openFileSource(at('model.ckpt'));
  await expect(convertToSafetensors(source, at('full.safetensors'))).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(others()).toEqual(['full.safetensors']);
  expect(readFileSync(at('full.safetensors'), 'utf8')).toBe('mine');
  rmSync(at('full.safetensors'));
});

const mounts =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', '-o', 'size=1M', 'tmpfs', '/mnt']).status === 0;

it.skipIf(!mounts)('says that the disk is full, on one that is', () => {
  mkdirSync(at('small'));
  const script =
    'mount -t tmpfs -o size=20M tmpfs "$1" && "$2" "$3" convert "$4" "$1/out.safetensors"; echo $?; ls -A "$1"';
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['-rm', 'sh', '-c', script, 'sh', at('small'), process.execPath, BIN, at('model.ckpt')],
    { encoding: 'utf8' },
  );
  expect(stderr).toMatch(/The disk is full\./);
  expect(stdout).toBe('2\n');
});
