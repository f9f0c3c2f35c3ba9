import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { POST } from '#app/api/uploads/[[...path]]/route.ts';
import { type Actor, SESSION_GRANT } from '#lib/accounts/index.ts';
import { listAudit } from '#lib/admin/index.ts';
import { db } from '#lib/db/index.ts';
import { requestMerge } from '#lib/merges/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { findQuotaRefusal, listRoleQuotas, readQuotaOf, setQuotaOf, setRoleQuota } from '#lib/quotas/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { handleAuth, type Session, serve, signUp } from '../../support/http.ts';

await useTestEnvironment();

const KIB = 1024;
const NO_LIMIT = { bytes: null, files: null };
let service: Awaited<ReturnType<typeof serve>>;
let admin: Actor;
let alice: Session;
let bob: Session;

beforeAll(async () => {
  service = await serve(async (request) => {
    if (new URL(request.url).pathname.startsWith('/api/auth')) return handleAuth(request);
    return POST(request, { params: Promise.resolve({}) });
  });
  const ada = await signUp(service.url, 'ada@example.org');
  admin = { ...ada.user, name: 'Ada', email: 'ada@example.org', role: 'admin', grant: SESSION_GRANT };
  alice = await signUp(service.url, 'alice@example.org');
  bob = await signUp(service.url, 'bob@example.org');
});
beforeEach(async () => {
  await db().upload.deleteMany();
  await db().model.deleteMany();
  await setRoleQuota(admin, 'uploader', NO_LIMIT);
  for (const { user } of [alice, bob]) await setQuotaOf(admin, user.id, null);
});
afterAll(async () => {
  await service.close();
  await stopQueue();
});

const TUS = { 'tus-resumable': '1.0.0' };

function create(session: Session, size: number | 'deferred', filename = 'model.ckpt'): Promise<Response> {
  const metadata = `filename ${Buffer.from(filename).toString('base64')}`;
  const length = size === 'deferred' ? { 'upload-defer-length': '1' } : { 'upload-length': String(size) };
  return fetch(`${service.url}/api/uploads`, {
    method: 'POST',
    headers: { ...TUS, cookie: session.cookie, 'upload-metadata': metadata, ...length },
  });
}

async function upload(session: Session, bytes: Uint8Array, filename?: string): Promise<void> {
  const created = await create(session, bytes.length, filename);
  expect(created.status).toBe(201);
  const { status } = await fetch(new URL(created.headers.get('location') ?? '', service.url), {
    method: 'PATCH',
    headers: {
      ...TUS,
      cookie: session.cookie,
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    },
    body: bytes as BodyInit,
  });
  expect(status).toBe(204);
}

const usageOf = async ({ user }: Session) => {
  const { held, underWay } = await readQuotaOf(admin, user.id);
  return { held, underWay };
};
const statusesOf = async (session: Session, sizes: readonly number[]) =>
  (await Promise.all(sizes.map((size) => create(session, size)))).map(({ status }) => status).sort();

describe('a quota', () => {
  it('is none until somebody sets one', async () => {
    expect(await listRoleQuotas(admin)).toEqual({ viewer: NO_LIMIT, uploader: NO_LIMIT });
    expect((await create(alice, 900 * KIB ** 2)).status).toBe(201);
    expect((await readQuotaOf(admin, admin.id)).limit).toEqual(NO_LIMIT);
  });

  it('holds of 50 uploads that begin at once as many as fit, for bytes and for files', async () => {
    await setQuotaOf(admin, alice.user.id, { bytes: 10 * KIB, files: null });
    const sizes = Array<number>(50).fill(KIB);
    expect(await statusesOf(alice, sizes)).toEqual([...Array(10).fill(201), ...Array(40).fill(413)]);
    expect(await usageOf(alice)).toEqual({ held: { bytes: 0, files: 0 }, underWay: { bytes: 10 * KIB, files: 10 } });

    await setQuotaOf(admin, bob.user.id, { bytes: null, files: 7 });
    expect(await statusesOf(bob, sizes)).toEqual([...Array(7).fill(201), ...Array(43).fill(413)]);
  });

  it('says what is used, what is allowed and what to do', async () => {
    await setQuotaOf(admin, alice.user.id, { bytes: 3 * KIB, files: 5 });
    await upload(alice, randomBytes(KIB));
    await create(alice, KIB);
    const answer = await create(alice, 2 * KIB);
    expect(answer.status).toBe(413);
    expect(await answer.text()).toBe(
      'Your account uses 2.00 KiB and 2 files of its quota of 3.00 KiB and 5 files, unfinished uploads and merges included (1.00 KiB and 1 file). This needs 2.00 KiB more. Delete what you do not need, cancel unfinished uploads, or ask an administrator for a larger quota.\n',
    );
  });

  it('counts finished files in place of their uploads, known files once, and deleted ones no more', async () => {
    const bytes = randomBytes(2 * KIB);
    await upload(alice, bytes);
    await upload(alice, bytes);
    await upload(bob, bytes);
    await upload(alice, Buffer.from('{"a": 1}'), 'notes.json');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await db().blob.findUnique({ where: { sha256 } })).toMatchObject({ size: 2048n });
    const held = await usageOf(alice);
    expect(held.underWay).toEqual({ bytes: 0, files: 0 });
    expect(held.held.files).toBe(2);
    expect(await usageOf(bob)).toEqual({ held: { bytes: 0, files: 0 }, underWay: { bytes: 0, files: 0 } });

    await db().model.deleteMany();
    await db().sidecar.deleteMany();
    expect((await usageOf(alice)).held).toEqual({ bytes: 0, files: 0 });
  });

  it('is not passed by an upload that says its length later', async () => {
    await setQuotaOf(admin, alice.user.id, { bytes: KIB, files: 5 });
    expect((await create(alice, 'deferred')).status).toBe(400);
    expect((await usageOf(alice)).underWay).toEqual({ bytes: 0, files: 0 });
  });

  it('of the role is in force where the person has none, and moderators have none by their role', async () => {
    await setRoleQuota(admin, 'uploader', { bytes: KIB, files: null });
    expect((await create(alice, 2 * KIB)).status).toBe(413);
    await setQuotaOf(admin, alice.user.id, NO_LIMIT);
    expect((await create(alice, 2 * KIB)).status).toBe(201);

    await db().user.update({ where: { id: bob.user.id }, data: { role: 'moderator' } });
    expect((await create(bob, 2 * KIB)).status).toBe(201);
    await db().user.update({ where: { id: bob.user.id }, data: { role: 'uploader' } });
    expect((await create(bob, 2 * KIB)).status).toBe(413);
  });

  it('that is smaller than what a person has deletes nothing, and lets nothing more in', async () => {
    await upload(alice, randomBytes(2 * KIB));
    await setQuotaOf(admin, alice.user.id, { bytes: 0, files: 0 });
    expect((await usageOf(alice)).held).toEqual({ bytes: 2 * KIB, files: 1 });
    expect((await create(alice, 1)).status).toBe(413);
  });

  it('counts merges that are under way as files', async () => {
    await db().merge.create({ data: { ownerId: alice.user.id, name: 'a', kind: 'weighted-sum', request: {} } });
    await setQuotaOf(admin, alice.user.id, { bytes: null, files: 1 });
    expect(await findQuotaRefusal(db(), alice.user.id, { bytes: 1, files: 0 })).toBeNull();
    expect((await create(alice, 1)).status).toBe(413);
    await db().merge.deleteMany();
  });

  it('keeps a merge from being requested', async () => {
    const models = [];
    for (const name of ['a', 'b']) {
      await upload(alice, randomBytes(KIB), `${name}.safetensors`);
      const file = await db().modelFile.findFirstOrThrow({
        where: { filename: `${name}.safetensors` },
        include: { version: true },
      });
      await db().modelFile.update({ where: { id: file.id }, data: { convertedSha256: file.sourceSha256 } });
      models.push(file.version.modelId);
    }
    const actor: Actor = { ...admin, id: alice.user.id, role: 'uploader' };
    const form = {
      kind: 'weighted-sum',
      name: 'c',
      dtype: 'keep',
      a: models[0] ?? 0,
      b: models[1] ?? 0,
      weight: 0.5,
    } as const;
    await setQuotaOf(admin, alice.user.id, { bytes: null, files: 2 });
    await expect(requestMerge(actor, form)).rejects.toThrow(/quota of 2 files/);
    await setQuotaOf(admin, alice.user.id, { bytes: 2 * KIB, files: null });
    await expect(requestMerge(actor, form)).rejects.toThrow(/quota of 2.00 KiB/);
    expect(await db().merge.count()).toBe(0);
    await setQuotaOf(admin, alice.user.id, { bytes: 3 * KIB, files: 3 });
    await requestMerge(actor, form);
    expect(await db().merge.count()).toBe(1);
    await db().merge.deleteMany();
  });

  it('is set by administrators alone, and every change is in the audit log', async () => {
    const actor: Actor = { ...admin, id: alice.user.id, role: 'moderator' };
    await expect(setQuotaOf(actor, alice.user.id, NO_LIMIT)).rejects.toThrow(/does not allow/);
    await expect(setRoleQuota(actor, 'uploader', NO_LIMIT)).rejects.toThrow(/does not allow/);
    await setQuotaOf(admin, alice.user.id, { bytes: 5 * KIB ** 3, files: 1 });
    await setRoleQuota(admin, 'viewer', { bytes: null, files: 3 });
    const { entries } = await listAudit(admin, new URLSearchParams('action=user.quota,quotas.defaults'));
    const words = entries
      .slice(0, 2)
      .map(({ sentence }) => sentence.map((part) => (typeof part === 'string' ? part : part.name)).join(''));
    expect(words).toEqual([
      'changed the quota of the role Viewer from no limit to 3 files',
      'changed the quota of alice (alice@example.org) from that of the role to 5.00 GiB and 1 file',
    ]);
  });
});
