import { expect, it } from 'vitest';
import { errorMessageOf } from '#lib/error-answer.ts';
import { AppError } from '#lib/errors.ts';
import { errorResponse } from '#lib/http/index.ts';

it('finds the sentence in what the service answers', async () => {
  const answer = errorResponse(new AppError('not_found', 'There is no such model.'));
  expect(errorMessageOf(await answer.text())).toBe('There is no such model.');
});

it.each(['', 'null', '[]', '"text"', '{"error":"text"}', '{"error":{"message":5}}', '<html>', '{'])(
  'finds none in %j',
  (body) => {
    expect(errorMessageOf(body)).toBeNull();
  },
);
