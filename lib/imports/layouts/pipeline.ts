import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlainName } from '#scanner/multi-file/client.ts';
import { isWithin, type Links } from './links.ts';
import { sortEntries } from './sort-entries.ts';
import { explainError, statFiles } from './stat-files.ts';
import type { FoundFile, PassedOver } from './types.ts';

const MAX_BYTES = 1024 * 1024;
/** Folders inside each other in a component. Those of diffusers have none. */
const MAX_DEPTH = 4;

/** Names of the folders of a pipeline's components; null where the file is no such list. */
export async function readPipelineIndex(path: string, size: number): Promise<string[] | null> {
  if (size > MAX_BYTES) return null;
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.entries(value)
      .filter(([name, of]) => isPlainName(name) && Array.isArray(of) && of.length === 2 && of[1] !== null)
      .map(([name]) => name);
  } catch {
    return null;
  }
}

/** Every file of a component, hidden ones aside. */
export async function listBelow(
  folder: { path: string; absolute: string; real: string },
  links: Links,
  depth = 0,
): Promise<{ files: FoundFile[]; refused: PassedOver[] }> {
  if (depth > MAX_DEPTH) return { files: [], refused: [{ path: folder.path, why: 'too-deep' }] };
  let entries: Dirent[];
  try {
    entries = await readdir(folder.absolute, { withFileTypes: true });
  } catch (error) {
    return { files: [], refused: [{ path: folder.path, ...explainError(error, folder.absolute) }] };
  }
  const at = (name: string) => ({ path: `${folder.path}/${name}`, absolute: join(folder.absolute, name) });
  const sorted = await sortEntries(
    entries.filter(({ name }) => !name.startsWith('.')),
    folder,
    links,
  );
  const refused: PassedOver[] = sorted.refused.map(({ name, ...why }) => ({ path: at(name).path, ...why }));
  const paths = sorted.files.map(at);
  const files: FoundFile[] = [];
  for (const [index, result] of (await statFiles(paths)).entries()) {
    if (!('why' in result)) files.push(result);
    // Tokenizers and packages have empty files.
    else if (result.why !== 'empty') refused.push({ path: paths[index]?.path ?? folder.path, ...result });
  }
  for (const { name, real, isLink } of sorted.folders) {
    if (isLink && isWithin(folder.real, real)) continue;
    const inner = await listBelow({ ...at(name), real }, links, depth + 1);
    files.push(...inner.files);
    refused.push(...inner.refused);
  }
  return { files, refused };
}
