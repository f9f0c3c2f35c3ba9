// Asks for a file in as many ranges as there are connections, some times over, and prints the seconds that it took.
import { connect } from 'node:net';

const [port = 0, , connections = 1, size = 0, rounds = 1] = process.argv.slice(2).map(Number);
const path = process.argv[3] ?? '/';
const part = Math.floor(size / connections);
// Of all connections: what arrives is only counted.
const buffer = Buffer.allocUnsafeSlow(1024 * 1024);

const began = performance.now();
await Promise.all(Array.from({ length: connections }, (_, index) => askFor(index * part)));
console.log((performance.now() - began) / 1000);

function askFor(start: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = rounds;
    let missing = 0;
    let isHead = true;
    const ask = () => {
      isHead = true;
      missing = part;
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=${start}-${start + part - 1}\r\n\r\n`);
    };
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer,
        callback(length) {
          const head = isHead ? buffer.subarray(0, length).indexOf('\r\n\r\n') + 4 : 0;
          if (isHead && !buffer.subarray(0, length).toString('latin1', 0, 12).endsWith(' 206'))
            reject(new Error(buffer.toString('latin1', 0, Math.min(length, 300))));
          isHead = false;
          missing -= length - head;
          if (missing === 0) {
            left -= 1;
            if (left > 0) ask();
            else {
              socket.destroy();
              resolve();
            }
          }
          return true;
        },
      },
    });
    socket.on('connect', ask);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The connection was closed.')));
  });
}
