import { InvalidArgumentError, Option } from 'commander';
import { isSystemError } from '#scanner/errors.ts';
import { errorMessageOf } from '../error-answer.ts';
import { AppError } from '../errors.ts';
import { plain } from './terminal-text.ts';

export interface ServerOptions {
  server: string;
  token: string;
}

export function serverOption(): Option {
  return new Option('--server <url>', 'address of the catalog')
    .env('WEIGHHOUSE_SERVER')
    .argParser(parseServer)
    .default('http://localhost:3000');
}

function parseServer(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('Use an address such as https://models.example.');
  return url.href;
}

export function tokenOption(): Option {
  return new Option('--token <token>', 'API token with the scope upload').env('WEIGHHOUSE_TOKEN').makeOptionMandatory();
}

/**
 * Asks the server's API, with POST where there is a body. Throws AppError with the server's own words; `unavailable` where nobody answers, or the server
 * cannot do it at the moment.
 */
export async function askServer<T>({ server, token }: ServerOptions, path: string, body?: object): Promise<T> {
  const url = new URL(path, server);
  const authorization = `Bearer ${token}`;
  const request =
    body === undefined
      ? { headers: { authorization } }
      : { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, request).catch((error: Error) => {
    throw new AppError('unavailable', `No response from ${url.origin} (${causeOf(error)}). Check --server.`);
  });
  const text = await response.text();
  if (response.ok && response.headers.get('content-type')?.includes('json')) return JSON.parse(text) as T;
  throw new AppError(
    response.status >= 500 ? 'unavailable' : 'bad_request',
    wordsOf(text) ?? `${url.origin} answered ${response.status} to ${url.pathname}.`,
  );
}

/** The sentence in an error answer of the service. */
export function wordsOf(body: string): string | null {
  const message = errorMessageOf(body);
  return message === null ? null : plain(message);
}

function causeOf(error: Error): string {
  return isSystemError(error.cause) ? error.cause.code : error.message;
}
