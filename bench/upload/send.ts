import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';

const MB = 1_000_000;
const TUS = { 'tus-resumable': '1.0.0' };

export interface Sent {
  /** Seconds until the last answer. */
  seconds: number;
  /** Seconds of each upload, from its creation to the answer to its last byte, sorted. */
  each: number[];
}

/** Sends so many files at once to a tus server, each in one request, with bytes that no other file has. */
export async function sendFiles(
  endpoint: string,
  { count, bytes, headers = {} }: { count: number; bytes: number; headers?: Record<string, string> },
): Promise<Sent> {
  const agent = new Agent({ keepAlive: true });
  const body = randomBytes(bytes);
  const began = performance.now();
  const each = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const start = performance.now();
      const name = Buffer.from(`bench-${index}.ckpt`).toString('base64');
      const created = await call(agent, new URL(endpoint), 'POST', {
        ...headers,
        ...TUS,
        'content-length': '0',
        'upload-length': String(bytes),
        'upload-metadata': `filename ${name}`,
      });
      if (created.status !== 201) throw new Error(`The upload was not created: ${created.status} ${created.text}`);
      const own = Buffer.from(body);
      own.writeDoubleLE(performance.now() + index, 0);
      const sent = await call(
        agent,
        new URL(created.location, endpoint),
        'PATCH',
        {
          ...headers,
          ...TUS,
          'upload-offset': '0',
          'content-type': 'application/offset+octet-stream',
          'content-length': String(bytes),
        },
        own,
      );
      if (sent.status !== 204) throw new Error(`The upload failed: ${sent.status} ${sent.text}`);
      return (performance.now() - start) / 1000;
    }),
  );
  agent.destroy();
  return { seconds: (performance.now() - began) / 1000, each: each.sort((a, b) => a - b) };
}

function call(
  agent: Agent,
  url: URL,
  method: string,
  headers: Record<string, string>,
  body?: Uint8Array,
): Promise<{ status: number; location: string; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, location: incoming.headers.location ?? '', text }),
      );
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Megabytes a second, and the slowest of twenty. */
export function ratesOf({ seconds, each }: Sent, count: number, bytes: number): { rate: number; p95: number } {
  return { rate: (count * bytes) / MB / seconds, p95: each[Math.floor(each.length * 0.95)] ?? 0 };
}
