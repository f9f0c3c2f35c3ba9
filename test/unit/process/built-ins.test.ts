import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programPaths } from '#lib/process/programs.ts';
import { permissionFlags, type Rights, snapshotFlags } from '#lib/process/rights.ts';
import { programFile } from '#scanner/program-file.ts';
import { makeSnapshot } from '#scripts/snapshots.mjs';
import { scanFlags } from '../../../bin/scan-flags.mjs';
import { PROBE, runProbe } from '../../support/run-probe.ts';

/**
 * What each built-in module of Node gets at beside memory: files, network, processes, native code, or nothing. Those that
 * are `absent` are taken away by bin/sandbox-flags.mjs, because Node's permission model does not hold them. One that is
 * not named here came with a newer Node: decide whether it has to be absent too.
 */
const BUILT_INS: Readonly<Record<string, 'nothing' | 'files' | 'network' | 'processes' | 'native' | 'absent'>> = {
  ...named('nothing', 'assert assert/strict async_hooks buffer console constants diagnostics_channel domain events'),
  ...named('nothing', 'path path/posix path/win32 perf_hooks punycode querystring readline readline/promises stream'),
  ...named('nothing', 'stream/consumers stream/promises stream/web string_decoder sys timers timers/promises url util'),
  ...named('nothing', 'util/types vm node:sea node:test/reporters'),
  ...named('files', 'fs fs/promises module process repl tty v8 trace_events crypto zlib node:test'),
  ...named('network', '_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server _tls_common'),
  ...named('network', '_tls_wrap dgram dns dns/promises http http2 https net tls inspector inspector/promises'),
  ...named('processes', 'child_process cluster os worker_threads'),
  ...named('native', 'wasi'),
  ...named('absent', 'node:sqlite node:ffi'),
};

function named<T>(value: T, names: string): Record<string, T> {
  return Object.fromEntries(names.split(' ').map((name) => [name, value]));
}

const scratch = mkdtempSync(join(tmpdir(), 'weighhouse-probe-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('every built-in module of this Node is named', () => {
  expect(builtinModules.toSorted()).toEqual(Object.keys(BUILT_INS).toSorted());
});

describe('built-in modules', () => {
  const begin = `--import=${pathToFileURL(programFile('lib/process/begin.ts')).href}`;
  const flagsOf = (rights: Rights) => permissionFlags(rights, PROBE);
  const modules = Object.keys(BUILT_INS).filter((name) => BUILT_INS[name] !== 'nothing');
  const absent = modules.filter((name) => BUILT_INS[name] === 'absent');

  const snapshot = join(scratch, 'snapshot.blob');
  beforeAll(() => {
    writeFileSync(join(scratch, 'empty.cjs'), '');
    expect(makeSnapshot(snapshot, join(scratch, 'empty.cjs')).stderr).toBe('');
  });

  it.each([
    ['a stage', flagsOf({ read: [], write: [scratch] })],
    ['a stage that was started before its file', flagsOf({ read: [scratch] })],
    // The probe is loaded, which the program of a snapshot is not.
    [
      'a stage from its snapshot',
      ['--snapshot-blob', snapshot, ...snapshotFlags({ read: [scratch, ...programPaths(), resolve('test')] }), begin],
    ],
    ['a stage that only sees bytes', flagsOf({ read: [scratch], threads: true, addons: true })],
    ['the engine', flagsOf({ read: 'all', write: [scratch], addons: true })],
    // Processes of a pool have fewer rights.
    ['a scan in one process', [...(scanFlags(['scan', PROBE], null) ?? []), begin]],
  ])('of %s get at nothing outside', async (_, flags) => {
    const { ended: _ended, read, ...rest } = await runProbe(() => flags, { modules, cwd: scratch });
    expect(rest).toEqual({ absent, changed: [], connections: 0, victimIsWell: true });
    if (!flags.includes('--allow-fs-read=*')) expect(read).toEqual([]);
  });

  it('would get at all of it with the rights to', async () => {
    const everywhere = ['--permission', '--allow-fs-read=*'];
    const { read } = await runProbe(() => everywhere, { modules: ['fs'], cwd: scratch });
    expect(read).toEqual(expect.arrayContaining(['fs.readFileSync', 'fs.readFile', 'fs.promises.readFile']));

    const flags = (outside: string) => [...everywhere, '--allow-net', `--allow-fs-write=${outside}`];
    const found = await runProbe(flags, { modules: ['fs', 'net', 'process'], cwd: scratch });
    expect(found.changed.length).toBeGreaterThan(0);
    expect(found.connections).toBeGreaterThan(0);
    expect(found.victimIsWell).toBe(false);
  });
});
