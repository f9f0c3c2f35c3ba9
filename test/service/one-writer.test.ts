import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensorsFile } from '#lib/demo/index.ts';
import { type Session, signUp } from '../support/http.ts';
import { checkStore } from '../support/intact-store.ts';
import { type SharedProcess, type SharedService, startSharedService } from '../support/shared-service.ts';
import { waitFor } from '../support/wait-for.ts';

const TUS = { 'tus-resumable': '1.0.0' };
const MIB = 1024 * 1024;
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let service: SharedService;
let a: SharedProcess;
let b: SharedProcess;
let alice: Session;
let database: Client;
const folder = mkdtempSync(join(tmpdir(), 'weighhouse one writer '));

beforeAll(async () => {
  service = await startSharedService({ webs: 2, workers: 1 });
  [a, b] = service.webs as [SharedProcess, SharedProcess];
  alice = await signUp(a.url, 'alice@example.org');
  database = new Client({ connectionString: service.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await service?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function create(size: number, filename = 'model.safetensors'): Promise<string> {
  const response = await fetch(`${a.url}/api/uploads`, {
    method: 'POST',
    headers: {
      ...TUS,
      cookie: alice.cookie,
      'upload-length': String(size),
      'upload-metadata': `filename ${Buffer.from(filename).toString('base64')}`,
    },
  });
  expect(response.status).toBe(201);
  return (response.headers.get('location') ?? '').split('/').at(-1) ?? '';
}

const patchHeaders = (offset: number) => ({
  ...TUS,
  cookie: alice.cookie,
  'upload-offset': String(offset),
  'content-type': 'application/offset+octet-stream',
});

const patch = (web: SharedProcess, id: string, offset: number, body: Uint8Array) =>
  fetch(`${web.url}/api/uploads/${id}`, { method: 'PATCH', headers: patchHeaders(offset), body: body as BodyInit });

/** Asks until no other request holds the upload. */
async function offsetOf(web: SharedProcess, id: string): Promise<number> {
  const head = () =>
    fetch(`${web.url}/api/uploads/${id}`, { method: 'HEAD', headers: { ...TUS, cookie: alice.cookie } });
  const response = await waitFor(head, ({ status }) => status === 200);
  return Number(response.headers.get('upload-offset'));
}

/** Sends the head of a PATCH on a connection of its own, and the body as the caller says. */
async function openPatch(
  web: SharedProcess,
  id: string,
  length: number,
): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const { hostname, port, host } = new URL(web.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {}).resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  const headers = Object.entries({ ...patchHeaders(0), host, 'content-length': String(length) });
  const lines = [`PATCH /api/uploads/${id} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return { socket, closed };
}

/** Until a web process has the lock of an upload. */
async function untilLocked(): Promise<void> {
  const count = async () =>
    (await database.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1`)).rowCount;
  await waitFor(count, (rows) => (rows ?? 0) > 0, 10);
}

const rowOf = async (id: string) =>
  (await database.query('SELECT state::text, sha256, "fileId" FROM upload WHERE id = $1', [id])).rows[0];

function cleanModel(megabytes: number): Buffer {
  const path = join(folder, 'clean.safetensors');
  const elements = megabytes * 256 * 1024;
  const data = new Uint8Array(randomBytes(4 * elements).map((byte, at) => (at % 4 === 3 ? 60 : byte)));
  writeSafetensorsFile(path, { tensors: [{ name: 'w', dtype: 'F32', shape: [elements], data }] });
  return readFileSync(path);
}

describe('with two web processes on one data folder', () => {
  it('a request that was opened before another finished the upload cannot replace what is published', async () => {
    const bytes = cleanModel(2);
    const id = await create(bytes.length);
    const late = await openPatch(b, id, bytes.length);
    await untilLocked();

    expect((await patch(a, id, 0, bytes)).status).toBe(204);
    const { fileId } = await rowOf(id);
    const fileRow = async () =>
      (
        await database.query('SELECT state::text, conversion::text, "versionId" FROM model_file WHERE id = $1', [
          fileId,
        ])
      ).rows[0];
    const { versionId } = await waitFor(fileRow, ({ conversion }) => conversion === 'converted');
    const download = async () => {
      const response = await fetch(`${a.url}/api/download/models/${versionId}`, { headers: { cookie: alice.cookie } });
      return { etag: response.headers.get('etag'), sha256: sha256Of(Buffer.from(await response.arrayBuffer())) };
    };
    const before = await download();
    expect(before).toEqual({ etag: `"sha256-${sha256Of(bytes)}"`, sha256: sha256Of(bytes) });

    const evil = Buffer.alloc(bytes.length);
    evil.write('cposix\nsystem\n(Vecho harmless\ntR.');
    late.socket.write(evil);
    late.socket.end();
    await late.closed;

    expect(await download()).toEqual(before);
    checkStore(service.home);
  });

  it('of eight requests at once each blob is what one name says', async () => {
    for (let round = 0; round < 4; round += 1) {
      const size = 3 * MIB;
      const id = await create(size, `round-${round}.ckpt`);
      const contents = Array.from({ length: 8 }, () => randomBytes(size));
      const answers = await Promise.all(contents.map((bytes, index) => patch(index % 2 === 0 ? a : b, id, 0, bytes)));
      expect(answers.filter(({ status }) => status === 204).length).toBeGreaterThan(0);
      // On a slow machine the others interrupt the first, which goes on where it was.
      for (let offset = await offsetOf(b, id); offset < size; offset = await offsetOf(b, id))
        await patch(b, id, offset, Buffer.alloc(size - offset));
      expect(await rowOf(id)).toMatchObject({ state: 'stored', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      checkStore(service.home);
    }
    expect(checkStore(service.home)).toBe(5);
  });

  it('another goes on where a process stopped that was killed, and takes over what a lost lock held', async () => {
    const size = 8 * MIB;
    for (const end of ['kill -9', 'lost connection'] as const) {
      const bytes = randomBytes(size);
      const id = await create(size, `${end}.ckpt`);
      const first = await openPatch(b, id, size);
      first.socket.write(bytes.subarray(0, 3 * MIB));
      const parts = join(service.home, 'uploads', `${id}.parts`);
      const written = () =>
        existsSync(parts) ? readdirSync(parts).reduce((sum, name) => sum + statSync(join(parts, name)).size, 0) : 0;
      await waitFor(written, (count) => count >= 2 * MIB);
      if (end === 'kill -9') await b.kill9();
      else
        await database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_locks
           WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid <> pg_backend_pid()`,
        );
      const offset = await offsetOf(a, id);
      expect(offset).toBeGreaterThanOrEqual(2 * MIB);
      // What the first one still sends is nobody's.
      first.socket.write(Buffer.alloc(size - 3 * MIB));
      expect((await patch(a, id, offset, bytes.subarray(offset))).status).toBe(204);
      expect(await rowOf(id)).toMatchObject({ state: 'stored', sha256: sha256Of(bytes) });
      first.socket.destroy();
      if (end === 'kill -9') await b.start();
      checkStore(service.home);
    }
  });

  it('an upload that both write in turns is put together right', async () => {
    const bytes = randomBytes(5 * MIB);
    const id = await create(bytes.length, 'turns.ckpt');
    for (let at = 0; at < bytes.length; at += MIB)
      expect((await patch((at / MIB) % 2 === 0 ? a : b, id, at, bytes.subarray(at, at + MIB))).status).toBe(204);
    expect(await rowOf(id)).toMatchObject({ state: 'stored', sha256: sha256Of(bytes) });
    expect(await offsetOf(a, id)).toBe(bytes.length);
    checkStore(service.home);
    expect(readdirSync(join(service.home, 'uploads')).filter((name) => name.startsWith(id))).toEqual([]);
  });
});
