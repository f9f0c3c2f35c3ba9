import type { Dirent } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Links, LinkTarget } from './links.ts';
import { explainError } from './stat-files.ts';
import type { PassedOver, PassedOverReason } from './types.ts';

export interface SortedEntries {
  /** Names of files, and of links to files. */
  files: string[];
  /** Of those, the links. */
  linked: ReadonlySet<string>;
  folders: { name: string; real: string; isLink: boolean }[];
  refused: { name: string; why: PassedOverReason; detail?: string }[];
}

/** Which entries of a folder are files and which are folders, links followed where they may be. Sorted by name. */
export async function sortEntries(
  entries: readonly Dirent[],
  { absolute, real }: { absolute: string; real: string },
  links: Links,
): Promise<SortedEntries> {
  const sorted: SortedEntries = { files: [], linked: new Set(), folders: [], refused: [] };
  const linked = new Set<string>();
  const inOrder = entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const targets = await Promise.all(
    inOrder.map((entry) => (entry.isSymbolicLink() ? follow(join(absolute, entry.name), links) : null)),
  );
  for (const [index, entry] of inOrder.entries()) {
    const { name } = entry;
    const target = targets[index] ?? null;
    if (target === null) {
      if (entry.isFile()) sorted.files.push(name);
      else if (entry.isDirectory()) sorted.folders.push({ name, real: join(real, name), isLink: false });
      else sorted.refused.push({ name, why: 'special' });
    } else if ('why' in target) {
      sorted.refused.push({ name, ...target });
    } else if (target.isFolder) {
      sorted.folders.push({ name, real: target.real, isLink: true });
    } else {
      sorted.files.push(name);
      linked.add(name);
    }
  }
  return { ...sorted, linked };
}

type Followed = { real: string; isFolder: boolean } | Pick<PassedOver, 'why' | 'detail'>;

async function follow(path: string, links: Links): Promise<Followed> {
  const target: LinkTarget = await links.resolve(path);
  if ('why' in target) return target;
  try {
    return { real: target.real, isFolder: (await stat(target.real)).isDirectory() };
  } catch (error) {
    return explainError(error, path);
  }
}
