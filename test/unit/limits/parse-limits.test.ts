import { expect, it } from 'vitest';
import { LimitError, parseLimits } from '#scanner/index.ts';

it.each([
  ['pickleBytes=64MB', { pickleBytes: 64_000_000 }],
  ['pickleBytes=64MiB', { pickleBytes: 2 ** 26 }],
  ['memberBytes=5', { memberBytes: 5 }],
  ['milliseconds=10s', { milliseconds: 10_000 }],
  ['milliseconds=1.5min', { milliseconds: 90_000 }],
  ['pickle.opcodes=1.1M', { pickle: { opcodes: 1_100_000 } }],
])('%s is understood', (text, changes) => {
  expect(parseLimits([text])).toEqual(changes);
});

it('limits are taken together', () => {
  expect(parseLimits(['depth=2', 'pickle.memo=5', 'pickle.stack=6'])).toEqual({
    depth: 2,
    pickle: { memo: 5, stack: 6 },
  });
});

it.each([
  ['depth', /name=value/],
  ['=5', /name=value/],
  ['opcodes=5', /Unknown limit opcodes/],
  ['pickle.depth=5', /Unknown limit pickle\.depth/],
  ['__proto__=5', /Unknown limit __proto__/],
  ['depth=0', /above 0, for example 5000 or 2M/],
  ['depth=-1', /above 0/],
  ['depth=1.5', /whole number/],
  ['depth=5MB', /for example 5000/],
  ['milliseconds=10MB', /500, 10s or 2min/],
  ['pickleBytes=9999999GiB', /whole number/],
  ['pickleBytes=', /64MB/],
])('%s is refused with the reason', (text, reason) => {
  expect(() => parseLimits([text])).toThrow(LimitError);
  expect(() => parseLimits([text])).toThrow(reason);
});
