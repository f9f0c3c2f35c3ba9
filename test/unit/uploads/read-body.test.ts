import { PassThrough, Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { readBody } from '#lib/uploads/read-body.ts';

const never = new AbortController().signal;
const ENOUGH = 3600_000;

/** A body that goes on for ever, with a piece every few milliseconds. */
function drip(): Readable {
  const body = Readable.from(
    (async function* pieces() {
      for (;;) {
        yield Buffer.from('x');
        await wait(2);
      }
    })(),
  );
  onTestFinished(() => void body.destroy());
  return body;
}

it('ends a body that stands still, and keeps what came of it', async () => {
  const body = new PassThrough();
  body.write('some');
  const taken: string[] = [];
  const reading = readBody(body, (piece) => void taken.push(String(piece)), never, { idle: 30, whole: ENOUGH });
  await expect(reading).rejects.toMatchObject({ status_code: 408, body: expect.stringContaining('Resume') });
  expect(taken).toEqual(['some']);
  expect(body.isPaused()).toBe(true);
});

it('ends a body that never ends', async () => {
  const reading = readBody(drip(), () => undefined, never, { idle: ENOUGH, whole: 50 });
  await expect(reading).rejects.toMatchObject({ status_code: 408 });
});

it('does not count the time that the writing takes', async () => {
  const body = new PassThrough();
  const slow = async () => {
    await wait(80);
    body.end();
  };
  body.write('one');
  await expect(readBody(body, slow, never, { idle: 40, whole: ENOUGH })).resolves.toBeUndefined();
});
