import { mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BulkJobView, ProposalsPage } from '#lib/bulk/client.ts';
import { type EmbeddedDatabase, findRunningPostgres, startEmbeddedPostgres } from '#lib/postgres/index.ts';
import { EXIT } from '#lib/service/exit-codes.mjs';
import { post, signUp } from '../support/http.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { makeSafetensors } from '../support/small-safetensors.ts';
import { waitFor } from '../support/wait-for.ts';

interface Ready {
  ready: boolean;
  causes: Record<'database' | 'storage' | 'room' | 'worker' | 'queue', string | null>;
}

async function askReady(
  { url }: TestService,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Ready } | null> {
  try {
    const response = await fetch(`${url}/api/ready`, { headers });
    return { status: response.status, body: (await response.json()) as Ready };
  } catch {
    return null;
  }
}

/** Says at once what the service printed where it ends meanwhile. */
const whileRunning = <T>(service: TestService, promise: Promise<T>): Promise<T> =>
  Promise.race([
    promise,
    service.exitCode().then((code): never => {
      throw new Error(`The service ended with code ${code}:\n${service.output()}`);
    }),
  ]);

/** For how long the service may say again what it found before, see lib/health. */
const KEPT_MS = 600;

const untilReady = async (service: TestService) => {
  await wait(KEPT_MS);
  return await whileRunning(
    service,
    waitFor(
      () => askReady(service),
      (answer) => answer?.status === 200,
    ),
  );
};

const untilRestarted = (service: TestService, part: Parameters<TestService['partPid']>[0], before: number) =>
  whileRunning(
    service,
    waitFor(
      () => service.partPid(part),
      (pid) => pid !== 0 && pid !== before,
    ),
  );

const causeOf = (service: TestService, part: keyof Ready['causes']) =>
  waitFor(
    () => askReady(service),
    (answer) => typeof answer?.body.causes?.[part] === 'string',
  ).then((answer) => [answer?.status, answer?.body.causes[part]]);

async function ask(service: TestService, sql: string, databaseUrl?: string): Promise<Record<string, unknown>[]> {
  const connectionString = databaseUrl ?? (await findRunningPostgres(service.home)) ?? '';
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

interface Connected {
  pid: number;
  lost: Promise<void>;
}

/** A connection that does nothing but tell when the database has ended it. */
async function connectUntilLost(connectionString: string): Promise<Connected> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return { pid: rows[0].pid, lost };
}

const cookies = new Map<string, string>();

async function cookieOf({ url, home }: TestService): Promise<string> {
  const known = cookies.get(home);
  if (known !== undefined) return known;
  const { cookie } = await signUp(url, 'somebody@example.org');
  cookies.set(home, cookie);
  return cookie;
}

/** Sees a file through upload and ingest: web, worker, queue and database all do their part. */
async function expectWorking(service: TestService, databaseUrl?: string): Promise<void> {
  const cookie = await cookieOf(service);
  const bytes = makeSafetensors();
  const filename = `${crypto.randomUUID()}.safetensors`;
  const created = await fetch(`${service.url}/api/uploads`, {
    method: 'POST',
    headers: {
      cookie,
      origin: service.url,
      'tus-resumable': '1.0.0',
      'upload-length': String(bytes.length),
      'upload-metadata': `filename ${Buffer.from(filename).toString('base64')}`,
    },
  });
  expect(created.status).toBe(201);
  const sent = await fetch(new URL(created.headers.get('location') ?? '', service.url), {
    method: 'PATCH',
    headers: {
      cookie,
      origin: service.url,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    },
    body: new Uint8Array(bytes),
  });
  expect(sent.status).toBe(204);
  await expect
    .poll(() => ask(service, `SELECT conversion FROM model_file WHERE filename = '${filename}'`, databaseUrl))
    .toEqual([{ conversion: 'converted' }]);
}

/** Fifteen models with the bytes of one, none of them other than a LoRA of an older program. */
const MISIDENTIFIED = `
  WITH one AS (SELECT * FROM model_file WHERE conversion = 'converted' ORDER BY id DESC LIMIT 1),
  gone AS (DELETE FROM model WHERE id NOT IN (SELECT v."modelId" FROM model_version v JOIN one ON one."versionId" = v.id)),
  models AS (INSERT INTO model (slug, name, "updatedAt", verdict, published, "ownerId")
    SELECT 'copy-' || n, 'copy ' || n, now(), 'clean', true, (SELECT id FROM "user" LIMIT 1) FROM generate_series(1, 14) n RETURNING id),
  versions AS (INSERT INTO model_version ("modelId", name) SELECT id, 'first' FROM models RETURNING id),
  files AS (INSERT INTO model_file ("versionId", filename, "sourceSha256", container, state, rules, conversion, "convertedSha256", identity)
    SELECT v.id, 'copy.safetensors', one."sourceSha256", one.container, one.state, one.rules, one.conversion,
           one."convertedSha256", one.identity FROM versions v, one)
  SELECT 1;
  UPDATE model_file SET identity = '{"type": "lora", "base": "flux1", "evidence": []}', "identityRules" = '2020-01-01.1';
  UPDATE model SET type = 'lora', base = 'flux1'`;

describe.skipIf(process.platform !== 'linux')('a service whose parts are killed', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ env: { WEIGHHOUSE_PREVIEWS: 'off' } });
  });
  afterAll(() => service.dispose());

  it.each(['SIGKILL', 'SIGTERM', 'SIGQUIT'] as const)('starts PostgreSQL again after %s, and works', async (signal) => {
    const before = service.partPid('postgres');
    process.kill(before, signal);
    await untilRestarted(service, 'postgres', before);
    await untilReady(service);
    await expectWorking(service);
  });

  it('ends backends that outlive PostgreSQL and would keep a new one from starting', async () => {
    const postgres = service.partPid('postgres');
    const [backend] = (await ask(service, 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()'))
      .map(({ pid }) => Number(pid))
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('weighhouse'));
    process.kill(backend as number, 'SIGSTOP');
    process.kill(postgres, 'SIGKILL');
    await untilRestarted(service, 'postgres', postgres);
    await untilReady(service);
    expect(processesOf(join(service.home, 'postgres'))).not.toContain(backend);
    await expectWorking(service);
  });

  it('comes through the crash of one backend, with which PostgreSQL ends all others', async () => {
    const connectionString = (await findRunningPostgres(service.home)) ?? '';
    const [crashed, other] = await Promise.all([1, 2].map(() => connectUntilLost(connectionString)));
    process.kill((crashed as Connected).pid, 'SIGKILL');
    // Between the crash and the end of the others the service is still as ready as it was before.
    await Promise.all([crashed?.lost, other?.lost]);
    await untilReady(service);
    await expectWorking(service);
  });

  it('goes on with a re-identification where its worker was killed, and changes what is accepted alone', async () => {
    await expectWorking(service);
    const headers = { cookie: await cookieOf(service) };
    const call = async (path: string, body: object) =>
      (await (await post(service.url, path, body, headers)).json()) as { id: number; total: number };
    const read = async <T>(path: string) => (await (await fetch(`${service.url}${path}`, { headers })).json()) as T;
    const stateOf = (id: number) =>
      read<BulkJobView>(`/api/bulk/${id}`).then(({ state, counts }) => ({ state, ...counts }));
    const untilDone = (id: number) =>
      waitFor(
        () => stateOf(id),
        ({ state }) => state === 'done',
      );
    const kinds = async () => {
      const rows = await ask(
        service,
        'SELECT type, base, count(*)::int AS count FROM model GROUP BY 1, 2 ORDER BY 1, 2',
      );
      return rows.map(({ type, base, count }) => `${count} ${type} ${base}`);
    };
    // Fifteen models with the same bytes, which an older program took for LoRAs.
    await ask(service, MISIDENTIFIED);
    const [corrected] = await ask(service, 'SELECT max(id) AS id FROM model');
    const edited = await fetch(`${service.url}/api/models/${corrected?.id}`, {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/json', origin: service.url },
      body: JSON.stringify({ type: 'vae', base: 'sdxl' }),
    });
    expect(edited.status).toBe(200);
    const before = ['14 lora flux1', '1 vae sdxl'];
    expect(await kinds()).toEqual(before);

    const { id } = await call('/api/bulk', { action: 'identify', params: { older: true }, search: '' });
    await waitFor(
      () => stateOf(id),
      ({ proposed }) => proposed > 1,
    );
    const worker = service.partPid('worker');
    process.kill(worker, 'SIGKILL');
    await untilRestarted(service, 'worker', worker);
    // What the queue does once the heartbeat of the dead worker is overdue.
    await ask(
      service,
      `UPDATE pgboss.job SET state = 'retry', start_after = now() WHERE name = 'bulk' AND state = 'active'`,
    );
    expect(await untilDone(id)).toMatchObject({ proposed: 14, unchanged: 1, changed: 0, refused: 0 });
    expect(await kinds()).toEqual(before);

    const proposals = await read<ProposalsPage>(`/api/bulk/${id}/proposals`);
    expect(proposals.groups).toMatchObject([
      { from: { type: 'lora', base: 'flux1' }, to: { type: 'unknown', base: 'unknown' }, models: 14 },
    ]);
    const ids = proposals.proposals.slice(0, 3).map((proposal) => proposal.id);
    const accepting = await call(`/api/bulk/${id}/proposals/accept`, { ids });
    expect(accepting.total).toBe(3);
    expect(await untilDone(accepting.id)).toMatchObject({ changed: 3, refused: 0 });
    expect(await kinds()).toEqual(['11 lora flux1', '3 unknown unknown', '1 vae sdxl']);
    expect(await untilDone((await call(`/api/bulk/${accepting.id}/undo`, {})).id)).toMatchObject({ changed: 3 });
    expect(await kinds()).toEqual(before);
  });

  it.each(['web', 'worker'] as const)('starts the %s process again, and works', async (part) => {
    const before = service.partPid(part);
    process.kill(before, 'SIGKILL');
    await untilRestarted(service, part, before);
    await untilReady(service);
    await expectWorking(service);
  });

  it('answers requests in an outage with 503 and when to come again, and never with a fault of its own', async () => {
    const cookie = await cookieOf(service);
    const paths = [
      ...['/api/catalog', '/api/uploads-list', '/api/tokens', '/api/models/1', '/api/auth/get-session'],
      ...['/', '/models/1', '/account', '/admin/jobs'],
    ];
    const before = service.partPid('postgres');
    const answers: { path: string; status: number; retryAfter: string | null; text: string }[] = [];
    process.kill(before, 'SIGKILL');
    let isBack = false;
    const back = untilReady(service).then(() => {
      isBack = true;
    });
    while (!isBack || answers.length < paths.length) {
      for (const path of paths) {
        const response = await fetch(`${service.url}${path}`, { headers: { cookie } });
        answers.push({
          path,
          status: response.status,
          retryAfter: response.headers.get('retry-after'),
          text: await response.text(),
        });
      }
    }
    await back;
    expect(answers.filter(({ status }) => status >= 500 && status !== 503)).toEqual([]);
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    for (const { path, retryAfter, text } of refused) {
      expect(retryAfter).toBe('5');
      if (path.startsWith('/api/'))
        expect(JSON.parse(text).error.message).toMatch(/^The database is not available at the moment\./);
      else expect(text).toContain('The database cannot be reached');
    }
  });

  it('tells its listeners that they have missed something by ending their stream', async () => {
    const cookie = await cookieOf(service);
    const stream = await fetch(`${service.url}/api/events`, { headers: { cookie } });
    const ended = (async () => {
      for await (const _ of stream.body ?? []);
    })();
    process.kill(service.partPid('postgres'), 'SIGKILL');
    await ended;
    await untilReady(service);
  });
});

describe.skipIf(process.platform !== 'linux')('a service that cannot serve says why', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ env: { WEIGHHOUSE_STUCK_AFTER_S: '3600', WEIGHHOUSE_PREVIEWS: 'off' } });
  });
  afterAll(() => service.dispose());

  it('where no worker shows life, and where a queue stands', async () => {
    await untilReady(service);
    const worker = service.partPid('worker');
    process.kill(worker, 'SIGSTOP');
    try {
      expect(await causeOf(service, 'worker')).toEqual([
        503,
        'No worker runs jobs of these kinds: ingest, merge, import, bulk, rescan, sweep.',
      ]);
      const admin = { cookie: await cookieOf(service) };
      // What a proxy adds, which may stand on this machine too.
      const elsewhere = { 'x-forwarded-for': '203.0.113.7' };
      expect(await askReady(service, elsewhere)).toEqual({ status: 503, body: { ready: false } });
      expect((await askReady(service, { ...elsewhere, ...admin }))?.body.causes.worker).toMatch(/^No worker runs jobs/);
      await ask(
        service,
        `INSERT INTO pgboss.job (name, data, created_on, start_after)
         VALUES ('merge', '{"mergeId":1}', now() - interval '20 minutes', now() - interval '20 minutes')`,
      );
      expect(await causeOf(service, 'queue')).toEqual([
        503,
        'Jobs wait and none is worked on: merge (for 20 minutes).',
      ]);
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    await untilReady(service);
  });

  it('where the database does not answer', async () => {
    const [postgres, folder] = [service.partPid('postgres'), join(service.home, 'postgres')];
    const all = [postgres, ...processesOf(folder).filter((pid) => pid !== postgres)];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    try {
      expect(await causeOf(service, 'database')).toEqual([503, 'The database does not answer.']);
    } finally {
      for (const pid of all) process.kill(pid, 'SIGCONT');
    }
    await untilReady(service);
  });

  it('where the disk is nearly full', async () => {
    const full = await startTestService({ env: { WEIGHHOUSE_SPARE_GB: '1000000000' } });
    try {
      expect(await causeOf(full, 'room')).toEqual([503, expect.stringMatching(/^The disk is nearly full: .* free/)]);
    } finally {
      await full.dispose();
    }
  });
});

describe.skipIf(process.platform !== 'linux')('a process that is stuck', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ env: { WEIGHHOUSE_STUCK_AFTER_S: '10', WEIGHHOUSE_PREVIEWS: 'off' } });
  });
  afterAll(() => service.dispose());

  it.each(['web', 'worker', 'postgres'] as const)('is killed and started again: %s', async (part) => {
    const before = service.partPid(part);
    process.kill(before, 'SIGSTOP');
    await untilRestarted(service, part, before);
    await untilReady(service);
    await expectWorking(service);
  });

  it('says so at /api/health when its database connections do not answer though the database does', async () => {
    const askHealth = () =>
      fetch(`${service.url}/api/health`).then(
        ({ status }) => status,
        () => 0,
      );
    await waitFor(askHealth, (status) => status === 200);
    const client = new pg.Client({ connectionString: (await findRunningPostgres(service.home)) ?? '' });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE model, model_file, model_search IN ACCESS EXCLUSIVE MODE');
    const giveUp = new AbortController();
    const waiting = Array.from({ length: 30 }, () =>
      fetch(`${service.url}/api/models/1`, { signal: giveUp.signal }).catch(() => {}),
    );
    // Searches have connections of their own, on which nothing waits for long.
    expect((await fetch(`${service.url}/api/catalog`)).status).toBe(503);
    expect(await waitFor(askHealth, (status) => status === 503)).toBe(503);
    await client.query('ROLLBACK');
    await client.end();
    await Promise.all(waiting);
    expect(await waitFor(askHealth, (status) => status === 200)).toBe(200);
  });
});

describe.skipIf(process.platform !== 'linux')('a service that has lost its database for good', () => {
  it('ends with a code of its own, and does not begin an empty catalog', async () => {
    const service = await startTestService();
    await expectWorking(service);
    const folder = join(service.home, 'postgres');
    renameSync(folder, `${folder}.gone`);
    const postgres = service.partPid('postgres');
    process.kill(postgres, 'SIGKILL');
    expect(await service.exitCode()).toBe(EXIT.database);
    expect(service.output()).toMatch(/PostgreSQL cannot be kept running .* is missing/);
    await expect(service.start()).rejects.toThrow(/The database folder .* is missing/);

    renameSync(`${folder}.gone`, folder);
    await service.start();
    await expectWorking(service);
    await service.dispose();
  });
});

describe('a service on a PostgreSQL of its own administrator', () => {
  let [home, server]: [string, EmbeddedDatabase | null] = ['', null];
  afterAll(async () => {
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('waits while that is away, and works once it is back', async () => {
    home = mkdtempSync(join(tmpdir(), 'weighhouse other postgres '));
    server = await startEmbeddedPostgres(home);
    const { databaseUrl } = server;
    const service = await startTestService({ env: { DATABASE_URL: databaseUrl, WEIGHHOUSE_PREVIEWS: 'off' } });
    try {
      await untilReady(service);
      // Whoever opens a page does not wait for what is worked off.
      expect(getPriority(service.partPid('worker'))).toBeGreaterThan(getPriority(service.partPid('web')));
      await server.stop();
      expect(await causeOf(service, 'database')).toEqual([503, 'The database does not answer.']);
      expect((await fetch(`${service.url}/api/health`)).status).toBe(200);
      await expectOutageSaid(service);
      server = await startEmbeddedPostgres(home, { port: Number(new URL(databaseUrl).port) });
      await untilReady(service);
      const page = await fetch(service.url);
      expect([page.status, (await page.text()).includes('The database cannot be reached')]).toEqual([200, false]);
      await expectWorking(service, databaseUrl);
    } finally {
      await service.dispose();
    }
  });
});

/** Pages and API alike: status, when to come again, and words; a page that is open in a browser comes back by itself. */
async function expectOutageSaid({ url }: TestService): Promise<void> {
  for (const path of ['/', '/models/1', '/sign-in', '/admin/users', '/nothing-here']) {
    const page = await fetch(`${url}${path}`);
    expect([path, page.status, page.headers.get('retry-after')]).toEqual([path, 503, '5']);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await page.text();
    expect(text).toContain('<h1>The database cannot be reached</h1>');
    expect(text).toContain('<meta http-equiv="refresh" content="5">');
    const head = await fetch(`${url}${path}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([503, '']);
  }
  const api = await fetch(`${url}/api/catalog`);
  expect([api.status, api.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await api.json()).toMatchObject({ error: { code: 'unavailable' } });
}

/** The processes whose working directory is `folder`. */
function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false;
      }
    });
}
