import { expect, it } from 'vitest';
import { readPath } from '#lib/http/index.ts';

it.each([
  ['/models/5', '/models/5'],
  ['/models/5?q=%ff', '/models/5'],
  ['/a%20b/%E3%83%A2', '/a b/モ'],
  ['/a%2fb', '/a/b'],
  ['http://host/models/5?x', '/models/5'],
  ['//other/models', '//other/models'],
  ['/', '/'],
  ['/models/%ff', null],
  ['/%', null],
  ['/%zz', null],
  ['/a%', null],
  ['/%c3', null],
  ['/%ed%a0%80', null],
  ['/models/%00', null],
  ['*', null],
  ['', null],
])('%s', (target, path) => {
  expect(readPath(target)).toBe(path);
});
