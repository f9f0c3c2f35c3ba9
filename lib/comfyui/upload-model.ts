import { openAsBlob } from 'node:fs';
import { RenderError } from '../render/index.ts';
import type { ComfyAddress } from './address.ts';
import { placedName } from './file-name.ts';
import { type Answer, ask } from './http.ts';
import { isRecord } from './object-info.ts';
import type { ModelFolder } from './types.ts';

/** Ways in which a ComfyUI can take a model over HTTP; `POST /upload/image` of every ComfyUI takes pictures alone. */
export type UploadMethod =
  /** ComfyUI's own, with `--enable-assets` (app/assets/api/routes.py). */
  | 'assets'
  /** The extension ComfyUI-Model-Manager (py/upload.py). */
  | 'model-manager';

/**
 * Which way this server takes models; null for none. ComfyUI-Manager is not among them: what it installs must be on its
 * own list of well-known models.
 */
export async function findUploadMethod(address: ComfyAddress, seconds: number): Promise<UploadMethod | null> {
  const assets = await ask(address, 'api/assets', { query: { limit: '1' }, seconds });
  if (assets.status === 200) return 'assets';
  const manager = await ask(address, 'model-manager/supported-extensions', { seconds });
  return manager.status === 200 && isRecord(readJson(manager)) && readJson(manager)?.success === true
    ? 'model-manager'
    : null;
}

/** Sends a model to the server, where it stays. Throws RenderError with the server's words where it is refused. */
export async function uploadModel(
  address: ComfyAddress,
  method: UploadMethod,
  folder: ModelFolder,
  file: { path: string; name: string; sha256: string },
  options: { seconds: number; signal: AbortSignal | undefined },
): Promise<void> {
  const send = method === 'assets' ? sendAsset : sendToManager;
  await send(address, folder, await openAsBlob(file.path), placedName(file), options);
}

async function sendAsset(
  address: ComfyAddress,
  folder: ModelFolder,
  content: Blob,
  name: string,
  { signal }: { signal: AbortSignal | undefined },
): Promise<void> {
  const send = (tags: readonly string[]) => {
    const body = new FormData();
    for (const tag of tags) body.append('tags', tag);
    body.append('name', name);
    // Last: the server takes the fields in their order.
    body.append('file', content, name);
    return ask(address, 'api/assets', { method: 'POST', body, seconds: null, signal });
  };
  let answer = await send(['models', `model_type:${folder}`]);
  // Versions before 2026 name the folder by its bare name.
  if (answer.status === 400) answer = await send(['models', folder]);
  if (answer.status === 200 || answer.status === 201) return;
  const error = readJson(answer)?.error;
  throw refused(answer.status, isRecord(error) ? String(error.message) : '');
}

async function sendToManager(
  address: ComfyAddress,
  folder: ModelFolder,
  content: Blob,
  name: string,
  { seconds, signal }: { seconds: number; signal: AbortSignal | undefined },
): Promise<void> {
  const body = new FormData();
  body.append('folder', await firstFolder(address, folder, seconds));
  body.append('size', String(content.size));
  body.append('file', content, name);
  const answer = await ask(address, 'model-manager/upload', { method: 'POST', body, seconds: null, signal });
  const result = readJson(answer);
  if (answer.status !== 200 || result?.success !== true) throw refused(answer.status, String(result?.error ?? ''));
}

/** Path at the server of the first folder for models of a kind. */
async function firstFolder(address: ComfyAddress, folder: ModelFolder, seconds: number): Promise<string> {
  const list = parseList(await ask(address, 'experiment/models', { seconds }));
  const found = list.filter(isRecord).find(({ name }) => name === folder)?.folders;
  const first: unknown = Array.isArray(found) ? found[0] : undefined;
  if (typeof first !== 'string') throw refused(404, `it has no folder for ${folder}`);
  return first;
}

function refused(status: number, words: string): RenderError {
  const why =
    status === 413
      ? 'the file is too large; start ComfyUI with a larger --max-upload-size'
      : words || `status ${status}`;
  return new RenderError('bad_request', `ComfyUI rejected the model: ${why}.`);
}

function readJson(answer: Answer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(answer.bytes.toString('utf8'));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function parseList({ status, bytes }: Answer): unknown[] {
  if (status !== 200) return [];
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
