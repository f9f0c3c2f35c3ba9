import { basename, dirname, posix, resolve } from 'node:path';
import { AppError } from '../../errors.ts';
import type { FoundModel } from '../../imports/index.ts';
import type { AnnouncedSet } from '../../uploads/index.ts';
import { askServer, type ServerOptions } from '../server-option.ts';
import { sendFile } from './send-file.ts';

/**
 * Sends every file of a model in several, of which the last one makes it a model of the catalog. `root` is what its paths
 * are below. Returns the id that it has among the uploads. Throws AppError: then the server keeps what it has for a week, and
 * the next try goes on there.
 */
export async function sendModel(
  root: string,
  { kind, files, name }: FoundModel & { kind: 'shards' | 'diffusers' },
  options: ServerOptions & { model?: string },
): Promise<string> {
  const [first] = files;
  if (first === undefined) throw new AppError('bad_request', 'The model has no files.');
  const folder = dirname(first.path);
  const parts = files.map(({ path, size, mtimeMs }) => ({
    path,
    part: posix.relative(folder, path),
    size,
    modifiedAt: Math.floor(mtimeMs),
  }));
  const { id, uploads } = await askServer<AnnouncedSet>(options, '/api/upload-sets', {
    name: name?.trim() || basename(resolve(root, folder)),
    layout: kind,
    files: parts.map(({ part, size, modifiedAt }) => ({ path: part, size, modifiedAt })),
    ...(options.model === undefined ? {} : { modelId: Number(options.model) }),
  });
  const known = new Map(uploads.map((upload) => [upload.path, upload]));
  for (const { path, part } of parts) {
    const { uploadId, isReceived = false } = known.get(part) ?? {};
    const metadata = { filename: basename(path), set: id, path: part };
    if (!isReceived) await sendFile(resolve(root, path), options, metadata, uploadId);
  }
  return id;
}
