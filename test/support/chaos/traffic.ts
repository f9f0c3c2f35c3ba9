import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSafetensors } from '../small-safetensors.ts';
import type { Cluster } from './cluster.ts';
import type { Random } from './random.ts';

const UPLOADERS = 3;
const DOWNLOADERS = 2;
const LARGEST = 3 * 1024 * 1024;
/** Above all waiting for a restart; what is not answered by then is asked again, as every client does. */
const ANSWER_MS = 30_000;
const RETRY_MS = 300;

/** One upload as its client sees it. */
export interface Sent {
  /** The address that the creation was answered with. */
  path: string;
  filename: string;
  bytes: Buffer;
  sha256: string;
  /** The last byte was answered, or the server said by HEAD that it has all of them. */
  acknowledged: boolean;
}

/** What people do meanwhile, and what they saw. */
export interface Traffic {
  sent: Sent[];
  downloads: number;
  /** Pieces of files that were sent or loaded. */
  moved: number;
  interrupted: number;
  /** What no client may ever see, in words. */
  faults: string[];
  /** Downloads everything that was acknowledged once more, and compares it. */
  downloadAll(): Promise<void>;
  /** Ends it: starts no further upload, and sends what was begun to its end. */
  finish(): Promise<void>;
}

export interface TrafficOptions {
  cookie: string;
  random: Random;
  /** Milliseconds between two uploads of one person. */
  rest: number;
}

/** Uploads and downloads go on, by whichever web server, until they are told to finish. */
export function startTraffic(cluster: Cluster, { cookie, random, rest }: TrafficOptions): Traffic {
  let isFinishing = false;
  const traffic: Traffic = {
    sent: [],
    downloads: 0,
    moved: 0,
    interrupted: 0,
    faults: [],
    async downloadAll() {
      for (const sent of traffic.sent) await compare(cluster, traffic, ask, sent);
    },
    async finish() {
      isFinishing = true;
      await Promise.all(loops);
    },
  };
  const ask = (path: string, init: RequestInit = {}) => {
    const origin = random.pick(cluster.urls);
    return fetch(new URL(path, origin), {
      ...init,
      headers: { cookie, origin, 'tus-resumable': '1.0.0', ...init.headers },
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch(() => {
      traffic.interrupted += 1;
      return null;
    });
  };
  const loops = [
    ...Array.from({ length: UPLOADERS }, async () => {
      while (!isFinishing) {
        await upload(traffic, ask, random);
        await wait(rest);
      }
    }),
    ...Array.from({ length: DOWNLOADERS }, async () => {
      while (!isFinishing) await download(cluster, traffic, ask, random);
    }),
  ];
  return traffic;
}

type Ask = (path: string, init?: RequestInit) => Promise<Response | null>;

/** What a server in trouble may say; anything else of class 5 is a fault. */
const isOutage = (status: number) => status === 503 || status === 423;

async function upload(traffic: Traffic, ask: Ask, random: Random): Promise<void> {
  const bytes = makeSafetensors(64 + random.below(LARGEST));
  const filename = `${crypto.randomUUID()}.safetensors`;
  const created = await ask('/api/uploads', {
    method: 'POST',
    headers: {
      'upload-length': String(bytes.length),
      'upload-metadata': `filename ${Buffer.from(filename).toString('base64')}`,
    },
  });
  if (created?.status !== 201) {
    await note(traffic, 'POST', created);
    return await wait(RETRY_MS).then(() => {});
  }
  const path = new URL(created.headers.get('location') ?? '', 'http://localhost').pathname;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const sent: Sent = { path, filename, bytes, sha256, acknowledged: false };
  traffic.sent.push(sent);

  let offset = 0;
  while (!sent.acknowledged) {
    const end = Math.min(bytes.length, offset + 1 + random.below(bytes.length));
    const answer = await ask(path, {
      method: 'PATCH',
      headers: { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body: new Uint8Array(bytes.subarray(offset, end)),
    });
    if (answer?.status === 204) {
      traffic.moved += 1;
      offset = Number(answer.headers.get('upload-offset'));
      sent.acknowledged = offset === bytes.length;
      if (offset !== end) traffic.faults.push(`PATCH of ${end} bytes was answered with ${offset}.`);
      continue;
    }
    await note(traffic, 'PATCH', answer);
    offset = await resume(traffic, ask, sent);
  }
}

/** Asks until a server says how much it has, as a client does that comes back. */
async function resume(traffic: Traffic, ask: Ask, sent: Sent): Promise<number> {
  for (;;) {
    await wait(RETRY_MS);
    const answer = await ask(sent.path, { method: 'HEAD' });
    if (answer?.status === 200) {
      const offset = Number(answer.headers.get('upload-offset'));
      sent.acknowledged = offset === sent.bytes.length;
      return offset;
    }
    if (answer !== null && [404, 410].includes(answer.status)) {
      traffic.faults.push(`HEAD of an upload that was created is ${answer.status}: ${sent.path}`);
      sent.acknowledged = true;
      return sent.bytes.length;
    }
    await note(traffic, 'HEAD', answer);
  }
}

/** Notes an answer that is neither success nor an outage. */
async function note(traffic: Traffic, what: string, answer: Response | null): Promise<void> {
  if (answer === null) return;
  const text = await answer.text().catch(() => '');
  // A conflict of offsets is what a client asks HEAD after; 401 would be a session that was lost.
  if (isOutage(answer.status) || answer.status === 409) traffic.interrupted += 1;
  else traffic.faults.push(`${what} was answered with ${answer.status}: ${text.slice(0, 200)}`);
}

async function download(cluster: Cluster, traffic: Traffic, ask: Ask, random: Random): Promise<void> {
  await wait(RETRY_MS);
  const known = traffic.sent.filter(({ acknowledged }) => acknowledged);
  if (known.length === 0) return;
  await compare(cluster, traffic, ask, random.pick(known));
}

async function compare(cluster: Cluster, traffic: Traffic, ask: Ask, sent: Sent): Promise<void> {
  const [row] = await cluster.query<{ id: number; conversion: string }>(
    `SELECT v.id, f.conversion FROM model_file f JOIN model_version v ON v.id = f."versionId" WHERE f.filename = '${sent.filename}'`,
  );
  if (row === undefined) return;
  const answer = await ask(`/api/download/models/${row.id}`);
  if (answer === null) return;
  if (!answer.ok) {
    // What is not verified yet is refused.
    if (![403, 404, 409].includes(answer.status)) await note(traffic, 'GET', answer);
    return;
  }
  const bytes = await answer.arrayBuffer().then(Buffer.from, () => null);
  if (bytes === null) {
    traffic.interrupted += 1;
    return;
  }
  traffic.downloads += 1;
  traffic.moved += 1;
  if (!bytes.equals(sent.bytes)) traffic.faults.push(`A download of ${sent.filename} is not what was uploaded.`);
  const [after] = await cluster.query<{ conversion: string; state: string }>(
    `SELECT conversion, state FROM model_file WHERE filename = '${sent.filename}'`,
  );
  if (after?.conversion !== 'converted' || after.state !== 'clean')
    traffic.faults.push(`${sent.filename} was served while ${after?.state} and ${after?.conversion}.`);
}
