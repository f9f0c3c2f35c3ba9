import { PassThrough } from 'node:stream';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readFrames, writeFrame } from '#lib/process/frames.ts';

async function read(bytes: Buffer, cuts: readonly number[], maxBytes: number) {
  const stream = new PassThrough();
  const messages: object[] = [];
  let refused = 0;
  readFrames(stream, maxBytes, { onMessage: (message) => messages.push(message), onRefused: () => refused++ });
  const ended = new Promise((resolve) => stream.once('close', resolve));
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [index, to] of places.slice(1).entries()) stream.write(bytes.subarray(places[index], to));
  stream.end();
  await ended;
  return { messages, refused };
}

async function written(messages: readonly object[]): Promise<Buffer> {
  const stream = new PassThrough();
  for (const message of messages) writeFrame(stream, message);
  stream.end();
  return Buffer.concat(await stream.toArray());
}

const message = fc.record({ text: fc.string(), bytes: fc.uint8Array({ maxLength: 300 }), count: fc.bigInt() });

it('hands out the same messages however the bytes come, and none from the first that is too long', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.nat(400),
      async (messages, cuts, maxBytes) => {
        const bytes = await written(messages);
        expect(await read(bytes, cuts, 1_000_000)).toEqual({ messages, refused: 0 });
        const long = messages.findIndex((one) => serialize(one).length > maxBytes);
        const expected = long === -1 ? { messages, refused: 0 } : { messages: messages.slice(0, long), refused: 1 };
        expect(await read(bytes, cuts, maxBytes)).toEqual(expected);
      },
    ),
  );
});

it.each([
  ['is no message', Buffer.from([0, 0, 0, 2, 1, 2])],
  ['is no object', Buffer.concat([Buffer.from([0, 0, 0, serialize(5).length]), serialize(5)])],
  ['is null', Buffer.concat([Buffer.from([0, 0, 0, serialize(null).length]), serialize(null)])],
])('refuses what %s', async (_, bytes) => {
  expect(await read(bytes, [], 1000)).toEqual({ messages: [], refused: 1 });
});
