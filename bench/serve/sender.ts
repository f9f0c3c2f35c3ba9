// What the web process sends a file with, without Next: a blob of random bytes at every address of a port.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { config } from '#lib/config.ts';
import { createHttpServer, sendResponse, serveBlob, toWebRequest } from '#lib/http/index.ts';
import { blobStore } from '#lib/storage/index.ts';

const [port, size] = process.argv.slice(2).map(Number);
const name = join(config().home, 'name');
if (!existsSync(name)) {
  const bytes = randomBytes(size ?? 0);
  const digest = createHash('sha256').update(bytes).digest('hex');
  mkdirSync(dirname(blobStore().pathOf(digest)), { recursive: true });
  writeFileSync(blobStore().pathOf(digest), bytes);
  writeFileSync(name, digest);
}
const blob = {
  sha256: readFileSync(name, 'utf8'),
  size: size ?? 0,
  filename: 'model.safetensors',
  modifiedAt: new Date(),
};
const server = createHttpServer(config().headersTimeout);
server.on('request', async (incoming, outgoing) => {
  await sendResponse((await serveBlob(toWebRequest(incoming), blob)).response, outgoing);
});
server.listen(port, '127.0.0.1', () => console.log('ready'));
