import type { Socket } from 'node:net';

/**
 * Waits until a socket is closed, in whatever way: a server that ends a connection while bytes are on their way to it
 * resets it, and `once` would reject with that error.
 */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.on('error', () => {}).once('close', () => resolve());
  });
}
