// The least that keeps an upload: each request's bytes written to a file, flushed, renamed, and the folder flushed.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { open, rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';
const server = createServer(async (request, response) => {
  if (request.method === 'POST') {
    response.writeHead(201, { location: `/${randomUUID()}` }).end();
    return;
  }
  const path = join(folder, (request.url ?? '').slice(1));
  const file = await open(`${path}.part`, 'wx');
  let position = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    await file.write(piece, 0, piece.length, position);
    position += piece.length;
  }
  await file.sync();
  await file.close();
  await rename(`${path}.part`, path);
  const directory = await open(folder);
  await directory.sync();
  await directory.close();
  response.writeHead(204).end();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log((server.address() as { port: number }).port);
