import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '#lib/postgres/index.ts';
import { runService, startTestService, type TestService } from '../support/service.ts';

const ADMIN = { email: 'admin@example.org', password: 'correct horse battery' };

const signIn = (service: TestService, credentials = ADMIN) =>
  fetch(`${service.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.url },
    body: JSON.stringify(credentials),
  });

const postgresPid = (service: TestService) =>
  Number.parseInt(readFileSync(join(service.home, 'postgres', 'postmaster.pid'), 'utf8'), 10);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isSilent = (url: string) =>
  fetch(url).then(
    () => false,
    () => true,
  );

describe('a running service', () => {
  let service: TestService;
  beforeAll(async () => {
    const { email, password } = ADMIN;
    service = await startTestService({
      env: { WEIGHHOUSE_ADMIN_EMAIL: email, WEIGHHOUSE_ADMIN_PASSWORD: password },
    });
  });
  afterAll(() => service.dispose());

  it('tells where it is, and answers there', async () => {
    expect(service.output()).toContain(`Weighhouse is ready at ${service.url}`);
    const ready = await fetch(`${service.url}/api/ready`);
    expect(ready.status).toBe(200);
  });

  it('makes the administrator that the environment names', async () => {
    expect((await signIn(service)).status).toBe(200);
    expect((await signIn(service, { ...ADMIN, password: 'wrong horse' })).status).toBe(401);
  });

  it('refuses accounts from pages of other sites', async () => {
    const signUp = (origin: string) =>
      fetch(`${service.url}/api/auth/sign-up/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, cookie: 'a=b' },
        body: JSON.stringify({ name: 'N', email: `${origin.length}@example.org`, password: 'correct horse' }),
      });
    expect((await signUp('https://elsewhere.example')).status).toBe(403);
    expect((await signUp(service.url)).status).toBe(200);
  });

  it('keeps a second service off its data', async () => {
    const second = runService({ PORT: String(await findFreePort()), WEIGHHOUSE_HOME: service.home });
    const [line, code] = await lastWords(second);
    expect(line).toMatch(/^Another Weighhouse process \(\d+\) already uses the data folder .*WEIGHHOUSE_HOME/);
    expect(code).toBe(1);
    expect((await fetch(`${service.url}/api/ready`)).status).toBe(200);
  });

  it('comes back with all its data after kill -9', async () => {
    const before = postgresPid(service);
    await service.kill9();
    await expect.poll(() => isSilent(service.url)).toBe(true);

    await service.start();
    expect((await signIn(service)).status).toBe(200);
    expect(postgresPid(service)).not.toBe(before);
    expect(isAlive(before)).toBe(false);
  });

  it('stops all of it on Ctrl-C, PostgreSQL too, and starts again', async () => {
    const database = postgresPid(service);
    expect(await service.stop()).toBe(0);
    expect(isAlive(database)).toBe(false);
    expect(await isSilent(service.url)).toBe(true);

    await service.start();
    expect((await signIn(service)).status).toBe(200);
  });
});

describe('a service that cannot start says so in one line', () => {
  const folders: string[] = [];
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'weighhouse broken '));
    folders.push(folder);
    return folder;
  };
  afterEach(() => {
    for (const folder of folders.splice(0)) {
      chmodSync(folder, 0o700);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('when the port is busy', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const settings = { PORT: String(port), HOST: '127.0.0.1', WEIGHHOUSE_HOME: newFolder() };
    expect(await lastWords(runService(settings))).toEqual([
      `Port ${port} is in use by another program. Set another port, for example PORT=${port + 1} npm start.`,
      1,
    ]);
    other.close();
  });

  it('when the data folder cannot be written', async () => {
    // A file is no folder, not even for root, whom no mode keeps out.
    const settings = { PORT: String(await findFreePort()), WEIGHHOUSE_HOME: '/dev/null/weighhouse' };
    const [line, code] = await lastWords(runService(settings));
    expect(line).toMatch(/^The data folder \/dev\/null\/weighhouse is not writable \(ENOTDIR\)\. Set WEIGHHOUSE_HOME/);
    expect(code).toBe(1);
  });

  it('when a setting does not hold', async () => {
    const [lines, code] = await lastWords(runService({ PORT: 'many', WEIGHHOUSE_HOME: newFolder() }));
    expect(lines).toMatch(/^Invalid settings:\n {2}PORT: .*\nCorrect the environment variables and start again\.$/);
    expect(code).toBe(1);
  });

  it('when nobody answers at DATABASE_URL', async () => {
    const port = await findFreePort();
    const settings = {
      PORT: String(await findFreePort()),
      WEIGHHOUSE_HOME: newFolder(),
      DATABASE_URL: `postgresql://nobody:secret@127.0.0.1:${port}/none`,
    };
    const [line, code] = await lastWords(runService(settings));
    expect(line).toMatch(/^Cannot connect to the database at 127\.0\.0\.1:\d+ .*DATABASE_URL/);
    expect(line).not.toContain('secret');
    expect(code).toBe(1);
  });
});

/** All that a process printed, and its exit status. */
async function lastWords(child: ReturnType<typeof runService>): Promise<[string, number | null]> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return [output.trim(), code];
}
