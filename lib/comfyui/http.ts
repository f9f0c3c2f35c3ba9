import { isSystemError } from '#scanner/errors.ts';
import { RenderError } from '../render/index.ts';
import type { ComfyAddress } from './address.ts';

const MIB = 1024 * 1024;
/** Lists of ten thousands of models and graphs of hundreds of nodes stay far below. */
const MAX_JSON_BYTES = 64 * MIB;

export interface AskOptions {
  method?: 'GET' | 'POST';
  query?: Record<string, string>;
  /** Sent as JSON, or as a form. */
  body?: object;
  /** Null for none: an upload takes as long as it takes. */
  seconds: number | null;
  maxBytes?: number;
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  bytes: Buffer;
}

/**
 * Asks ComfyUI and reads the whole answer, whatever its status. Throws RenderError `device_lost` with a sentence that
 * names the address where nothing answers, and `bad_request` where more comes than `maxBytes`.
 */
export async function ask(address: ComfyAddress, path: string, options: AskOptions): Promise<Answer> {
  const { method = 'GET', query, body, seconds, maxBytes = MAX_JSON_BYTES, signal } = options;
  const timeout = seconds === null ? undefined : AbortSignal.timeout(seconds * 1000);
  const isForm = body instanceof FormData;
  try {
    const response = await fetch(address.http(path, query), {
      method,
      redirect: 'error',
      signal: AbortSignal.any([signal, timeout].filter((end) => end !== undefined)),
      headers: { ...address.headers, ...(body && !isForm ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
    return { status: response.status, bytes: await readBody(response, maxBytes, address) };
  } catch (error) {
    if (error instanceof RenderError || signal?.aborted) throw error;
    throw new RenderError(
      'device_lost',
      timeout?.aborted ? describeWait(address, seconds) : describeNoResponse(address, error),
      { cause: error },
    );
  }
}

/** Asks for JSON. Throws RenderError as `ask` does, and `bad_request` where what answers is not ComfyUI. */
export async function askJson(address: ComfyAddress, path: string, options: AskOptions): Promise<unknown> {
  const { status, bytes } = await ask(address, path, options);
  if (status !== 200) throw new RenderError('bad_request', describeStatus(address, path, status));
  return parseJson(address, path, bytes);
}

/** Reads JSON that a ComfyUI would send. Throws RenderError `bad_request` where it is none. */
export function parseJson(address: ComfyAddress, path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new RenderError(
      'bad_request',
      `The server at ${address.shown} is not ComfyUI: its answer to ${path} is not JSON.`,
      { cause: error },
    );
  }
}

export function describeStatus(address: ComfyAddress, path: string, status: number): string {
  if (status === 401 || status === 403)
    return `ComfyUI at ${address.shown} denied access (${status}). Add a user name and password to its address: http://user:password@host:8188.`;
  if (status === 404)
    return `The server at ${address.shown} does not support ${path}: it is not ComfyUI, or its version is too old.`;
  return `ComfyUI at ${address.shown} answered ${path} with status ${status}. See the ComfyUI log for the cause.`;
}

async function readBody(response: Response, maxBytes: number, address: ComfyAddress): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > maxBytes)
      throw new RenderError(
        'bad_request',
        `ComfyUI at ${address.shown} sent more than ${maxBytes} bytes in one answer.`,
      );
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function describeWait(address: ComfyAddress, seconds: number | null): string {
  return `ComfyUI at ${address.shown} did not answer within ${seconds} seconds. It may be overloaded, or another service may use this port.`;
}

function describeNoResponse(address: ComfyAddress, error: unknown): string {
  const where = `ComfyUI at ${address.shown}`;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = isSystemError(cause) ? cause.code : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `${where} was not found: unknown host name. Check the address in the settings.`;
  if (code === 'ECONNREFUSED')
    return `${where} does not answer. Check that it is running. If it runs on another machine, start it with --listen.`;
  const why = code || (cause instanceof Error && cause.message) || (error instanceof Error ? error.message : 'unknown');
  return `${where} cannot be reached (${why}). Check the address and the firewall, and that it is running.`;
}
