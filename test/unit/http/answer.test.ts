import { expect, it } from 'vitest';
import { errorResponse } from '#lib/http/index.ts';

const failed = (code: string) => Object.assign(new Error('failed'), { code });

it.each([
  ['the system', failed('ENOSPC')],
  ['a quota', failed('EDQUOT')],
  ['something that the system failed', new Error('wrapped', { cause: failed('ENOSPC') })],
  ['PostgreSQL', failed('53100')],
  [
    'Prisma',
    Object.assign(new Error('x'), {
      code: 'P2010',
      meta: { driverAdapterError: { cause: { originalCode: '53100' } } },
    }),
  ],
])('a full disk, told by %s, is 507 in words', async (_, error) => {
  const response = errorResponse(error);
  expect([response.status, await response.json()]).toEqual([
    507,
    { error: { code: 'no_room', message: expect.stringContaining('disk space') } },
  ]);
});

it.each([failed('EIO'), failed('53200'), new Error('ENOSPC'), 'ENOSPC', null])('%s is none', (error) => {
  expect(errorResponse(error).status).toBe(500);
});
