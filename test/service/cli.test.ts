import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runsCommand, writeCheckpoint, writeEmbedding } from '#lib/demo/index.ts';
import { findFreePort, findRunningPostgres } from '#lib/postgres/index.ts';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import { hashFile } from '#scanner/hashes/index.ts';
import { bytesSource } from '#scanner/index.ts';
import { type FolderFiles, floatFile, SHARDS, UNET_ALONE, writeFolder } from '../fixtures/model-folders.ts';
import { BIN, runCli } from '../support/cli.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { startTestService, type TestService } from '../support/service.ts';

const ADMIN = { email: 'admin@example.org', password: 'correct horse battery' };
const folder = mkdtempSync(join(tmpdir(), 'weighhouse cli '));
const at = (name: string) => join(folder, name);
const prefix = (name: string, files: FolderFiles): FolderFiles =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${name}/${path}`, content]));
let service: TestService;
let token: string;

beforeAll(async () => {
  writeCheckpoint(at('clean one.ckpt'), 'sd2', { seed: 5 });
  writeCheckpoint(at('poisoned.ckpt'), 'sd1', { seed: 6, extras: [runsCommand()] });
  service = await startTestService({
    env: { WEIGHHOUSE_ADMIN_EMAIL: ADMIN.email, WEIGHHOUSE_ADMIN_PASSWORD: ADMIN.password },
  });
  const made = await onService(['token', 'create', '--name', 'test', '--scopes', 'read,upload']);
  expect([made.code, made.stderr]).toEqual([0, '']);
  token = made.stdout.trim();
});
afterAll(async () => {
  await service.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const onService = (args: readonly string[]) => runCli(args, { WEIGHHOUSE_HOME: service.home, LOG_LEVEL: 'warn' });
const upload = (...args: string[]) =>
  runCli(['upload', '--server', service.url, ...args, '--format', 'json'], { WEIGHHOUSE_TOKEN: token });

describe('weighhouse upload', () => {
  it('sends a file and prints the version that it became', async () => {
    const { code, stdout, stderr } = await upload('--wait', at('clean one.ckpt'));
    expect([code, stderr]).toEqual([0, '']);
    const [file] = JSON.parse(stdout).files;
    expect(file).toMatchObject({
      path: at('clean one.ckpt'),
      duplicate: false,
      name: 'clean one',
      type: 'checkpoint',
      base: 'sd2',
      verdict: 'clean',
      conversion: 'converted',
      sha256: (await hashFile(at('clean one.ckpt'))).sha256,
      url: `${service.url}/models/${file.modelId}`,
      downloadUrl: `${service.url}/api/download/models/${file.versionId}`,
    });
    const download = await fetch(file.downloadUrl);
    expect(download.status).toBe(200);
    expect(readSafetensorsHeader(bytesSource(new Uint8Array(await download.arrayBuffer()))).header.size).toBe(1240);
  });

  it('puts a file of the same name beside its model', async () => {
    writeFileSync(at('clean one.civitai.info'), '{"trainedWords": ["harbour"]}');
    const { code, stdout, stderr } = await upload('--wait', at('clean one.civitai.info'));
    expect([code, stderr]).toEqual([0, '']);
    const [file] = JSON.parse(stdout).files;
    expect(file).toMatchObject({ sidecar: true, duplicate: false, url: expect.stringContaining('/models/') });
    const { versions } = await (await fetch(`${service.url}/api/models/${file.modelId}`)).json();
    const [sidecar] = versions[0].files[0].sidecars;
    expect(sidecar).toMatchObject({ filename: 'clean one.civitai.info', kind: 'civitai' });
    const content = await fetch(`${service.url}/api/sidecars/${sidecar.id}`);
    expect(content.headers.get('content-security-policy')).toContain('sandbox');
    expect(content.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await content.json()).toEqual({ trainedWords: ['harbour'] });
    expect((await fetch(`${service.url}/api/sidecars/999999`)).status).toBe(404);
  });

  it('recognises a file that is there already', async () => {
    const { code, stdout } = await upload(at('clean one.ckpt'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout).files[0]).toMatchObject({ state: 'duplicate', duplicate: true, modelId: 1 });
  });

  it('exits as scan does when the file is dangerous', async () => {
    const { code, stdout } = await upload('--wait', at('poisoned.ckpt'));
    expect(code).toBe(1);
    expect(JSON.parse(stdout).files[0]).toMatchObject({ verdict: 'dangerous', conversion: 'none' });
    expect(JSON.parse(stdout).files[0].downloadUrl).toBeUndefined();
  });

  it('goes on where it was after the connection broke, and asks again for a verdict', async () => {
    writeCheckpoint(at('broken off.ckpt'), 'sd2', { seed: 7 });
    const { size } = statSync(at('broken off.ckpt'));
    const offsets: number[] = [];
    let made = 0;
    let sent = 0;
    let asked = 0;
    let cut = false;
    const received = async () => {
      const headers = { authorization: `Bearer ${token}` };
      const uploads: { filename: string; offset: number }[] = await (
        await fetch(`${service.url}/api/uploads-list`, { headers })
      ).json();
      return uploads.find(({ filename }) => filename === 'broken off.ckpt')?.offset ?? 0;
    };
    const proxy = await startCuttingProxy(Number(new URL(service.url).port), async (piece) => {
      const text = piece.toString('latin1');
      if (text.startsWith('POST ')) made += 1;
      offsets.push(...[...text.matchAll(/^upload-offset: (\d+)/gim)].map(([, offset]) => Number(offset)));
      if (offsets.length === 1) sent += piece.length;
      if (text.startsWith('GET ')) asked += 1;
      // Once in the middle of the file, and twice while the verdict is waited for.
      const middle = !cut && sent > size / 2;
      cut ||= middle;
      // What had not arrived when the connection broke would be sent anew from the beginning.
      if (middle) await expect.poll(received).toBeGreaterThan(0);
      return !middle && asked !== 2 && asked !== 3;
    });
    const { code, stdout } = await runCli(
      ['upload', '--server', proxy.url, '--wait', at('broken off.ckpt'), '--format', 'json'],
      { WEIGHHOUSE_TOKEN: token },
    );
    await proxy.close();
    expect(code).toBe(0);
    expect(JSON.parse(stdout).files[0]).toMatchObject({
      verdict: 'clean',
      conversion: 'converted',
      sha256: (await hashFile(at('broken off.ckpt'))).sha256,
    });
    expect([made, offsets.length, offsets[0]]).toEqual([1, 2, 0]);
    expect(offsets[1]).toBeGreaterThan(0);
    expect(asked).toBeGreaterThan(3);
  });

  it('sends the others when one cannot be read', async () => {
    writeEmbedding(at('style.pt'), 'sd1', 'style', 8);
    const { code, stdout, stderr } = await upload(at('missing.pt'), at('style.pt'), '/dev/null');
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toEqual({
      files: [
        { path: at('missing.pt'), error: 'File not found.' },
        expect.objectContaining({ path: at('style.pt'), state: 'stored', duplicate: false }),
        { path: '/dev/null', error: expect.stringContaining('not a file') },
      ],
    });
  });

  it('sends a folder: shards and diffusers folders are one model each, and what is broken is named', async () => {
    writeFolder(at('collection'), {
      ...prefix('several', SHARDS),
      ...prefix('pipeline', UNET_ALONE),
      'loose/one.safetensors': floatFile({ a: [7, 8] }),
      'loose/one.civitai.info': '{"trainedWords": ["quay"]}',
      'loose/half-00001-of-00002.safetensors': floatFile({ a: [9] }),
      'loose/later.safetensors.part': 'x',
    });
    const { code, stdout, stderr } = await upload('--wait', at('collection'));
    expect([code, stderr]).toEqual([2, '']);
    const { files, passedOver } = JSON.parse(stdout);
    const inside = (path: string) => join(at('collection'), path);
    const pathOf = ({ path }: { path: string }) => path;
    expect(files.map(pathOf).sort()).toEqual(
      [
        inside('loose/half-00001-of-00002.safetensors'),
        inside('loose/one.safetensors'),
        inside('loose/one.civitai.info'),
        inside('pipeline/model_index.json'),
        inside('several/model.safetensors.index.json'),
      ].sort(),
    );
    const of = (path: string) => files.find((file: { path: string }) => file.path === inside(path));
    expect(of('several/model.safetensors.index.json')).toMatchObject({
      verdict: 'clean',
      conversion: 'converted',
      downloadUrl: expect.any(String),
    });
    expect(of('pipeline/model_index.json')).toMatchObject({ name: 'pipeline', verdict: 'clean' });
    expect(of('loose/one.civitai.info')).toMatchObject({ sidecar: true, modelId: of('loose/one.safetensors').modelId });
    expect(of('loose/half-00001-of-00002.safetensors').error).toMatch(/missing.*half-00002/);
    expect(passedOver.map(pathOf)).toEqual([inside('loose/later.safetensors.part')]);
    // By its index alone, and a second time.
    const again = await upload(inside('several/model.safetensors.index.json'));
    expect(JSON.parse(again.stdout).files).toMatchObject([{ state: 'duplicate' }]);
  });

  it.each([
    ['a wrong token', () => [service.url, 'wh_wrong'], /Sign in/],
    ['a server that is not there', async () => [`http://127.0.0.1:${await findFreePort()}`, token], /ECONNREFUSED/],
  ] as const)('says so of %s', async (_, make, words) => {
    const [server, wrong] = await make();
    const { code, stdout, stderr } = await runCli([
      'upload',
      '--server',
      server ?? '',
      '--token',
      wrong ?? '',
      at('poisoned.ckpt'),
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

/** Asks the database of the service. */
async function ask(sql: string) {
  const client = new pg.Client({ connectionString: (await findRunningPostgres(service.home)) ?? '' });
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}

describe('weighhouse import', () => {
  const models = at('models');
  const imports = async (...args: string[]) => {
    const { code, stdout, stderr } = await onService(['import', ...args, '--format', 'json']);
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  };
  const counts = ({ import: { counts: all } }: { import: { counts: Record<string, { files: number }> } }) =>
    Object.fromEntries(Object.entries(all).flatMap(([state, { files }]) => (files > 0 ? [[state, files]] : [])));
  beforeAll(async () => {
    symlinkSync(at('loop'), at('loop'));
    mkdirSync(at('closed'), { mode: 0 });
    const made = await onService(['user', 'create', 'viewer@example.org', '--name', 'Vi', '--role', 'viewer']);
    expect(made.code).toBe(0);
    writeFolder(models, {
      'Lora/style/ink.safetensors': floatFile({ 'lora_unet_a.lora_down.weight': [1, 2] }),
      'Lora/style/ink.civitai.info': { baseModel: 'SD 1.5' },
      'Lora/no-model.safetensors': 'not a model',
      'Lora/empty.safetensors': '',
      'Lora/late.safetensors.part': 'half',
      // Not the model that was uploaded above.
      ...prefix('diffusers', {
        ...UNET_ALONE,
        'unet/diffusion_pytorch_model.safetensors': floatFile({ 'conv_in.bias': [2] }),
      }),
    });
  });

  it.each([
    [[], 64, /give a folder, or one of --list, --follow/],
    [['--resume', '1', '--in-place'], 64, /cannot be used with/],
    [['--follow', 'one'], 64, /It is not an id\. --list shows them\./],
    [['--follow', '999'], 2, /^weighhouse: Import not found\.$/],
    [[at('nothing')], 2, /^weighhouse: There is no folder \S.*nothing\.$/],
    [[at('clean one.ckpt/below')], 2, /^weighhouse: There is no folder \S.*below\.$/],
    [[at('loop')], 2, /^weighhouse: \S.*loop cannot be read \(ELOOP\)\.$/],
    ...(process.getuid?.() === 0
      ? []
      : [[[at('closed')], 2, /closed cannot be read \(EACCES\)\. Check its permissions\.$/] as const]),
    [[models, '--owner', 'viewer@example.org'], 2, /^weighhouse: viewer@example\.org is not an administrator\.$/],
    [[at('poisoned.ckpt')], 2, /poisoned\.ckpt is not a folder\. .*`weighhouse upload`/],
    [[models, '--owner', 'nobody@example.org'], 2, /^weighhouse: Account nobody@example\.org not found\.$/],
  ] as const)('says why not: %j', async (args, code, words) => {
    const answer = await onService(['import', ...args]);
    expect([answer.code, answer.stdout, answer.stderr.trim()]).toEqual([code, '', expect.stringMatching(words)]);
  });

  it('only searches in a dry run, leaves the way open until something is imported, and lists what was left and why', async () => {
    const found = await imports(models, '--dry-run');
    expect(counts(found)).toEqual({ pending: 3, passed_over: 2 });
    const left = ['Lora/empty.safetensors', 'Lora/late.safetensors.part'];
    expect(found.passedOver.map(({ path }: { path: string }) => path).toSorted()).toEqual(left);
    for (const { reason } of found.passedOver) expect(reason).toMatch(/\w\.$/);
    const { id } = found.import;
    expect(await imports(models, '--dry-run', '--in-place')).toMatchObject({ import: { id, inPlace: true } });

    const text = await onService(['import', '--follow', String(id)]);
    expect(text.stdout).toContain(`Import them with \`weighhouse import --resume ${id}\`.`);
    expect(text.stdout).toMatch(/^ {2}Lora\/empty\.safetensors: \S.*\.$/m);
    expect(await imports(models, '--tags')).toMatchObject({ import: { id, inPlace: false, state: 'done' } });
    expect(counts(await imports('--follow', String(id)))).toEqual({ imported: 3, passed_over: 2 });
    const other = await onService(['import', models, '--in-place']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('imported as copies already')]);
    const done = await onService(['import', '--pause', String(id)]);
    expect([done.code, done.stderr.trim()]).toEqual([2, `weighhouse: This is not possible: import ${id} is done.`]);
    expect(await imports('--list')).toMatchObject({ imports: [{ id, root: models, state: 'done' }] });
  });

  it('leaves the import to the service on Ctrl-C, pauses it, goes on and cancels it', async () => {
    writeFolder(models, { 'Lora/second.safetensors': floatFile({ 'lora_unet_a.lora_down.weight': [3, 4] }) });
    const [{ id }] = (await imports('--list')).imports;
    const client = new pg.Client({ connectionString: (await findRunningPostgres(service.home)) ?? '' });
    await client.connect();
    try {
      // The worker finds the file, and cannot write it down.
      await client.query('BEGIN; LOCK TABLE import_entry IN EXCLUSIVE MODE');
      const child = spawn(process.execPath, [BIN, 'import', '--search', String(id)], {
        env: { ...process.env, DATABASE_URL: '', WEIGHHOUSE_HOME: service.home, LOG_LEVEL: 'warn' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const said = readText(child.stderr);
      // It asks for workers once it waits.
      const asks = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%unnest(kinds)%' AND pid <> pg_backend_pid()";
      // A transaction sees the same activity until its end.
      await expect.poll(async () => (await ask(asks)).length).toBeGreaterThan(0);
      child.kill('SIGINT');
      expect([await ended, await said]).toEqual([130, expect.stringContaining(`weighhouse import --follow ${id}`)]);
      expect(await imports('--pause', String(id))).toMatchObject({ import: { state: 'paused' } });
    } finally {
      await client.end();
    }
    expect(counts(await imports('--search', String(id)))).toMatchObject({ imported: 4 });
    const cancelled = await onService(['import', '--cancel', String(id)]);
    expect([cancelled.code, cancelled.stderr]).toEqual([2, expect.stringContaining(`import ${id} is done`)]);
    expect(await imports('--remove', String(id))).toEqual({ removed: id });
    expect(await imports('--list')).toEqual({ imports: [] });
  });
});

describe('on the machine of the service', () => {
  it('lists accounts and changes their roles', async () => {
    const list = await onService(['user', 'list', '--format', 'json']);
    expect(JSON.parse(list.stdout).users).toMatchObject([
      { email: ADMIN.email, role: 'admin' },
      { email: 'viewer@example.org', role: 'viewer' },
    ]);

    const refused = await onService(['user', 'set-role', ADMIN.email, 'viewer']);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('only administrator')]);
    const unknown = await onService(['user', 'set-role', 'nobody@example.org', 'viewer']);
    expect([unknown.code, unknown.stderr.trim()]).toEqual([2, 'weighhouse: Account nobody@example.org not found.']);
  });

  it('makes, disables, enables and removes accounts', async () => {
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await onService(['user', ...args, '--format', 'json']);
      expect([code, stderr]).toEqual([0, '']);
      return JSON.parse(stdout);
    };
    const email = 'ben@example.org';
    const { link } = await run('create', email, '--name', 'Ben', '--role', 'viewer');
    const set = (url: string, password: string) =>
      fetch(`${service.url}/api/account/password-reset`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: service.url },
        body: JSON.stringify({ token: new URL(url).hash.slice(1), password }),
      });
    expect(link).toMatch(/^http:\/\/localhost:\d+\/reset-password#[\w-]{32}$/);
    expect((await set(link, 'correct horse')).status).toBe(204);
    const again = await onService(['user', 'create', email, '--name', 'Ben']);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('exists already')]);
    const invalid = await onService(['user', 'create', 'ben', '--name', 'Ben']);
    expect([invalid.code, invalid.stderr]).toEqual([2, expect.stringContaining('valid e-mail')]);

    const { link: reset } = await run('reset', email);
    await run('disable', email);
    expect((await set(reset, 'another horse')).status).toBe(400);
    expect((await run('list')).users).toMatchObject([
      { email: ADMIN.email },
      { email: 'viewer@example.org', disabled: false },
      { email, role: 'viewer', disabled: true },
    ]);
    await run('enable', email);
    expect(await run('transfer', email, ADMIN.email)).toMatchObject({ models: 0 });
    await run('remove', email, '--transfer-to', ADMIN.email);
    expect((await run('list')).users).toHaveLength(2);
    const both = await onService(['user', 'remove', ADMIN.email, '--delete-models']);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('only administrator')]);
  });

  it('runs a web server and a worker of their own on one database', async () => {
    const databaseUrl = await findRunningPostgres(service.home);
    const port = await findFreePort();
    const env = {
      DATABASE_URL: databaseUrl ?? '',
      WEIGHHOUSE_HOME: service.home,
      PORT: String(port),
      HOST: '127.0.0.1',
    };
    const children = [['web'], ['worker', '--kinds', 'ingest']].map((args) =>
      spawn(process.execPath, [BIN, ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    );
    await expect
      .poll(() =>
        fetch(`http://127.0.0.1:${port}/api/ready`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
    const codes = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) child.kill('SIGTERM');
    expect(await Promise.all(codes)).toEqual([0, 0]);
  });

  it('works without the service too, on its data folder', async () => {
    await service.stop();
    const { code, stdout } = await onService(['user', 'list']);
    expect([code, stdout.trim()]).toEqual([0, expect.stringMatching(/^admin +admin@example\.org/)]);
    await service.start();
  });

  it('asks for DATABASE_URL where a part needs it', async () => {
    const { code, stderr } = await onService(['worker']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^weighhouse: Set DATABASE_URL/)]);
  });
});

it('makes tokens that can only read when nothing else is asked for', async () => {
  const { stdout } = await onService(['token', 'create', '--name', 'reader', '--format', 'json']);
  const { token: reader, scopes } = JSON.parse(stdout);
  expect(scopes).toEqual(['read']);
  const { code, stderr } = await runCli(['upload', '--server', service.url, '--token', reader, at('poisoned.ckpt')]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/scope `upload`/)]);
});

it('judges what older rules judged again when the service is started with newer ones', async () => {
  await ask(`UPDATE model_file SET rules = '2020-01-01', state = 'clean'`);
  await service.stop();
  await service.start();
  await expect.poll(() => ask(`SELECT 1 FROM model_file WHERE rules = '2020-01-01'`)).toEqual([]);
  expect(
    await ask(
      "SELECT filename, state FROM model_file WHERE filename IN ('clean one.ckpt', 'poisoned.ckpt') ORDER BY filename",
    ),
  ).toEqual([
    { filename: 'clean one.ckpt', state: 'clean' },
    { filename: 'poisoned.ckpt', state: 'dangerous' },
  ]);
});

it('takes an import while no service runs, and says that nobody works on it', async () => {
  expect(await service.stop()).toBe(0);
  const { code, stderr } = await onService(['import', at('models'), '--dry-run', '--no-wait']);
  expect([code, stderr.trim()]).toEqual([0, expect.stringMatching(/^No worker is running\. .*`npm start`/)]);
});
