// The tus server for Node as it comes, which the service is made with too: files in a folder, without hashes.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

const tus = new Server({
  path: '/',
  relativeLocation: true,
  datastore: new FileStore({ directory: join(process.argv[2] ?? '.', 'tus') }),
});
const server = createServer((request, response) => void tus.handle(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log((server.address() as AddressInfo).port);
