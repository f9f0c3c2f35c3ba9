import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A stretch of network before the service on `port` that can break: what a client sends goes through while `mayPass`
 * says so of each piece, one after the other, and its connection is cut off at the first that may not.
 */
export async function startCuttingProxy(
  port: number,
  mayPass: (piece: Buffer) => boolean | Promise<boolean>,
): Promise<{ url: string; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
    }
    upstream.pipe(client);
    client.on('end', () => upstream.end());
    client.on('close', () => upstream.end());
    client.on('data', async (piece: Buffer) => {
      client.pause();
      if (await mayPass(piece)) upstream.write(piece);
      else client.destroy();
      client.resume();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
