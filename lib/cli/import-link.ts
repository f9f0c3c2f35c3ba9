import { AppError } from '../errors.ts';
import type { RemoteImportView } from '../remote/client.ts';
import { showProgress } from './progress.ts';
import { askServer, type ServerOptions } from './server-option.ts';
import { plain } from './terminal-text.ts';

const POLL_MS = 1000;

/** A file that an import brought, or why it brought none. */
interface ImportedFile {
  path: string;
  error: string;
  file: { fileId: number; modelId: number; isDuplicate: boolean } | null;
}

/** Whether an argument names something for the server to download. */
export function isLink(text: string): boolean {
  return /^(?:https?:\/\/|hf:|civitai:|(?:urn:)?air:)/i.test(text);
}

/** Has the server import a link; with `wait`, until it has downloaded what is there. Throws AppError. */
export async function importLink(
  source: string,
  options: ServerOptions & { wait: boolean },
): Promise<{ importId: number; files: ImportedFile[] }> {
  const { id: importId } = await askServer<{ id: number }>(options, '/api/remote-imports', { source });
  if (!options.wait) return { importId, files: [] };
  const bar = await showProgress('Downloading', source);
  try {
    for (;;) {
      const found = (await askServer<RemoteImportView[]>(options, '/api/remote-imports')).find(
        ({ id }) => id === importId,
      );
      if (found === undefined) throw new AppError('not_found', 'The import no longer exists on the server.');
      bar.update(shareOf(found));
      if (found.state === 'cancelled') throw new AppError('conflict', 'The import was cancelled on the server.');
      if (found.state === 'failed' && found.files.every(({ fileId }) => fileId === null))
        throw new AppError('conflict', plain(found.message ?? 'The import failed.'));
      if (found.state === 'done' || found.state === 'failed') return { importId, files: filesOf(source, found) };
      await new Promise((next) => setTimeout(next, POLL_MS));
    }
  } finally {
    bar.end();
  }
}

function filesOf(source: string, { files, message }: RemoteImportView): ImportedFile[] {
  return files.map(({ filename, fileId, isDuplicate, model, ...file }) => ({
    path: files.length === 1 ? source : `${source} (${filename})`,
    error: plain(file.message ?? message ?? 'The file was not imported.'),
    file: fileId === null || model === null ? null : { fileId, modelId: model.id, isDuplicate },
  }));
}

function shareOf({ files }: RemoteImportView): number {
  const size = files.reduce((sum, file) => sum + (file.size ?? 0), 0);
  return size === 0 ? 0 : files.reduce((sum, { offset }) => sum + offset, 0) / size;
}
