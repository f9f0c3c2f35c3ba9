import { randomBytes, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { type Actor, createApiToken, SESSION_GRANT } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { uploadPicture } from '#lib/previews/index.ts';
import { makeUser, publishModel } from '#test/support/files.ts';

/** Makes real rows, with their bytes, of one owner: a fresh one at each call. */
export interface Things {
  model(): Promise<number>;
  version(): Promise<number>;
  /** Clean, converted, with a picture in its metadata. */
  file(): Promise<number>;
  suspiciousFile(): Promise<number>;
  /** A stage of it failed. */
  failedFile(): Promise<number>;
  sidecar(): Promise<number>;
  picture(): Promise<number>;
  preview(): Promise<number>;
  merge(): Promise<number>;
  /** An import from a link that waits for its next try. */
  remote(): Promise<number>;
  import(): Promise<number>;
  /** A change of many models that is queued. */
  bulk(): Promise<number>;
  /** One that ended and can be undone. */
  endedBulk(): Promise<number>;
  /** One that lists a change of a file, which nobody has decided on. */
  proposals(): Promise<number>;
  upload(): Promise<string>;
  /** A model in several files that is not complete. */
  uploadSet(): Promise<string>;
  token(): Promise<string>;
  session(): Promise<string>;
  passkey(): Promise<string>;
  invitation(): Promise<string>;
  /** Of the bytes of a converted file. */
  sha256(): Promise<string>;
  /** Somebody without any. */
  user(): Promise<string>;
}

/** `published` says whether everybody sees the models that the things belong to. */
export function thingsOf(ownerId: string, published: boolean, url: string, uploader: Record<string, string>): Things {
  const actor: Actor = { id: ownerId, name: 'owner', email: '', role: 'uploader', grant: SESSION_GRANT };
  const publish = async () => {
    const name = `model-${randomUUID()}`;
    const made = await publishModel({ name, type: 'lora', base: 'sd1', bytes: randomBytes(64), ownerId });
    if (!published) await db().model.update({ where: { id: made.modelId }, data: { published: false } });
    return made;
  };
  const change = async (data: object) => {
    const { fileId } = await publish();
    await db().modelFile.update({ where: { id: fileId }, data });
    return fileId;
  };
  const things: Things = {
    model: async () => (await publish()).modelId,
    sha256: async () => (await publish()).sha256,
    async version() {
      const fileId = await change({ rules: '2026-11-30' });
      return (await db().modelFile.findUniqueOrThrow({ where: { id: fileId } })).versionId;
    },
    async file() {
      const png = (await paint()).toString('base64');
      return change({ metadata: { 'modelspec.thumbnail': `data:image/png;base64,${png}` } });
    },
    suspiciousFile: () => change({ state: 'suspicious', conversion: 'none', convertedSha256: null }),
    failedFile: () => change({ conversion: 'not_convertible', convertedSha256: null }),
    async sidecar() {
      const data = { ownerId, filename: 'a.yaml', stem: 'a', kind: 'config', mediaType: 'text/plain' };
      const { id } = await db().sidecar.create({
        data: { ...data, content: Buffer.from('a: 1'), fileId: await things.file() },
      });
      return id;
    },
    async picture() {
      const picture = { read: paint, filename: 'a.png' };
      return (await uploadPicture(actor, await things.model(), picture)).id;
    },
    async preview() {
      const { sha256 } = await publish();
      const data = { sha256, profileId: 'sd1', profileVersion: 1, plan: {}, base: 'sd1', total: 1 };
      return (await db().preview.create({ data })).id;
    },
    async merge() {
      const request = { dtype: 'keep', weight: 0.5, blocks: null, parts: [] };
      return (await db().merge.create({ data: { ownerId, name: 'merged', kind: 'weighted-sum', request } })).id;
    },
    async remote() {
      const data = { ownerId, source: 'http://127.0.0.1:9/a.safetensors', state: 'waiting' } as const;
      return (await db().remoteImport.create({ data })).id;
    },
    async import() {
      const data = { ownerId, root: `/nowhere/${randomUUID()}`, tags: false, state: 'paused' } as const;
      return (await db().import.create({ data })).id;
    },
    async bulk() {
      const job = { ownerId, grant: ['write'], action: 'add-tags', params: { tags: ['a'] } };
      return (await db().bulkJob.create({ data: job })).id;
    },
    async endedBulk() {
      const id = await things.bulk();
      const item = { jobId: id, modelId: await things.model(), name: 'a', state: 'changed' } as const;
      await db().bulkItem.create({ data: { ...item, before: { tags: [] }, after: { tags: ['a'] } } });
      await db().bulkJob.update({ where: { id }, data: { state: 'done', endedAt: new Date() } });
      return id;
    },
    async proposals() {
      const { modelId, fileId } = await publish();
      const action = { action: 'identify', params: { older: false }, state: 'done' } as const;
      const { id } = await db().bulkJob.create({ data: { ownerId, grant: ['write'], ...action, endedAt: new Date() } });
      await db().bulkItem.create({ data: { jobId: id, modelId, name: 'a', state: 'proposed' } });
      const identity = { type: 'vae', base: 'sd1', evidence: [] };
      const from = { fromType: 'lora', fromBase: 'sd1', fromConfidence: 'low' };
      const to = { toType: 'vae', toBase: 'sd1', toConfidence: 'low' };
      await db().identityProposal.create({
        data: { jobId: id, fileId, modelId, ...from, ...to, after: identity, rules: '2026-12-01' },
      });
      return id;
    },
    async upload() {
      const metadata = `filename ${Buffer.from('a.ckpt').toString('base64')}`;
      const response = await fetch(`${url}/api/uploads`, {
        method: 'POST',
        headers: { ...uploader, 'tus-resumable': '1.0.0', 'upload-length': '8', 'upload-metadata': metadata },
      });
      const location = response.headers.get('location');
      if (location === null) throw new Error(`No upload: ${response.status} ${await response.text()}`);
      return location.split('/').pop() ?? '';
    },
    async uploadSet() {
      const data = { id: randomUUID(), userId: ownerId, name: 'a', layout: 'shards', files: [] } as const;
      return (await db().uploadSet.create({ data })).id;
    },
    async session() {
      const data = {
        id: randomUUID(),
        token: randomUUID(),
        userId: ownerId,
        expiresAt: new Date(Date.now() + 3_600_000),
      };
      return (await db().session.create({ data })).id;
    },
    async passkey() {
      const id = randomUUID();
      const data = { publicKey: 'none', credentialID: id, counter: 0, deviceType: 'singleDevice', backedUp: false };
      await db().passkey.create({ data: { id, userId: ownerId, ...data } });
      return id;
    },
    async invitation() {
      const data = {
        hash: randomUUID(),
        role: 'viewer',
        createdBy: 'system',
        expiresAt: new Date(Date.now() + 3_600_000),
      } as const;
      return (await db().invitation.create({ data })).id;
    },
    token: async () => (await createApiToken(ownerId, 'to revoke', ['read'])).id,
    user: async () => (await makeUser('viewer')).id,
  };
  return things;
}

export function paint(): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 8, channels: 3, background: '#c00' } })
    .png()
    .toBuffer();
}
