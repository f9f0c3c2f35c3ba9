import { CONFIG, MODEL_INDEX, parseIndexName, parseShardName, stemOfShards } from './file-names.ts';
import type { FileGroup } from './types.ts';

/**
 * Finds the models in several files among `paths`, which are separated by `/`, by names alone. A file belongs to one model
 * at most: all below a folder with a `model_index.json` is one, shards elsewhere are one with their index.
 */
export function groupModelFiles(paths: readonly string[]): FileGroup[] {
  const roots = paths
    .filter((path) => nameOf(path) === MODEL_INDEX)
    .map(folderOf)
    // Outer folders first: what is below one of them is a part of it.
    .sort((a, b) => a.length - b.length);
  const outer = new Set<string>();
  for (const root of roots) if (!isBelow(root, outer)) outer.add(root);

  const groups = new Map<string, FileGroup>();
  for (const root of outer) groups.set(root, { kind: 'diffusers', root, index: MODEL_INDEX, files: [] });
  const loose: string[] = [];
  for (const path of paths) {
    const root = findAbove(path, outer);
    if (root === undefined) loose.push(path);
    else groups.get(root)?.files.push(root === '' ? path : path.slice(root.length + 1));
  }
  return [...groups.values(), ...groupShards(loose)];
}

function groupShards(paths: readonly string[]): FileGroup[] {
  const groups = new Map<string, FileGroup>();
  const keyOf = (folder: string, stem: string, format: string) => `${folder}\n${stem}\n${format}`;
  for (const path of paths) {
    const index = parseIndexName(nameOf(path));
    if (index === null) continue;
    const root = folderOf(path);
    const name = nameOf(path);
    groups.set(keyOf(root, stemOfShards(index), index.format), { kind: 'shards', root, index: name, files: [name] });
  }
  for (const path of paths) {
    const shard = parseShardName(nameOf(path));
    // One of one is a file like any other, unless an index names it.
    if (shard === null) continue;
    const root = folderOf(path);
    const key = keyOf(root, shard.stem, shard.format);
    const known = groups.get(key);
    if (known !== undefined) known.files.push(nameOf(path));
    else if (shard.count > 1) groups.set(key, { kind: 'shards', root, index: null, files: [nameOf(path)] });
  }
  addConfigurations(paths, [...groups.values()]);
  // An index whose shards have other names than usual is one all the same: reading it tells.
  return [...groups.values()];
}

/** What names the class of shards belongs to them, where no other shards lie beside it. */
function addConfigurations(paths: readonly string[], groups: readonly FileGroup[]): void {
  for (const path of paths) {
    if (nameOf(path) !== CONFIG) continue;
    const [own, other] = groups.filter(({ root }) => root === folderOf(path));
    if (own !== undefined && other === undefined) own.files.push(CONFIG);
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function isBelow(folder: string, roots: ReadonlySet<string>): boolean {
  return roots.has(folder) || findAbove(folder, roots) !== undefined;
}

/** The one of these folders that a path lies in. */
function findAbove(path: string, roots: ReadonlySet<string>): string | undefined {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    if (roots.has(folder)) return folder;
    if (folder === '') return undefined;
  }
}
