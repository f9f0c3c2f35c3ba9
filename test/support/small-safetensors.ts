import { randomBytes } from 'node:crypto';

/** A whole safetensors file of one tensor of random numbers, like no other: `bytes` of them, and a short header. */
export function makeSafetensors(bytes = 256): Buffer {
  const header = JSON.stringify({
    __metadata__: { note: crypto.randomUUID() },
    'model.weight': { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] },
  });
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, Buffer.from(padded), randomBytes(bytes)]);
}
