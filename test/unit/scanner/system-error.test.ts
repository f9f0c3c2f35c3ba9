import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AppError, ERROR_STATUS, type ErrorCode } from '#lib/errors.ts';
import { isSystemError } from '#scanner/errors.ts';

async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

const refused = () => new Promise((_, reject) => connect({ host: '127.0.0.1', port: 1 }).once('error', reject));

describe('an error of the system', () => {
  it.each([
    ['a file that is not there', () => readFileSync('/not/there'), 'ENOENT'],
    ['a wrong argument for Node', () => readFileSync({} as string), 'ERR_INVALID_ARG_TYPE'],
    ['a refused connection', refused, 'ECONNREFUSED'],
  ])('is %s', async (_, work, code) => {
    const error = await errorOf(work);
    expect(isSystemError(error)).toBe(true);
    expect(isSystemError(error, code)).toBe(true);
    expect(isSystemError(error, 'EPERM')).toBe(false);
  });

  it.each(Object.keys(ERROR_STATUS) as ErrorCode[])('is no AppError %s', (code) => {
    expect(isSystemError(new AppError(code, 'A sentence.'))).toBe(false);
  });

  it.each(['57P03', 'P2002', 'commander.help'])('is no error with the code %s', (code) => {
    expect(isSystemError(Object.assign(new Error('A sentence.'), { code }))).toBe(false);
  });

  it.each([null, undefined, 'ENOENT', { code: 'ENOENT' }])('is not %s', (error) => {
    expect(isSystemError(error)).toBe(false);
  });
});
