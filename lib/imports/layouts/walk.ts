import { realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { detectLayout } from './detect.ts';
import { type Folder, pathIn, type WalkContext } from './folder.ts';
import { isKey, isStructure, typeOfFolder } from './folder-types.ts';
import { Links } from './links.ts';
import { nameOfFolder, repositoryName } from './names.ts';
import { type FolderContents, type InnerFolder, readFolder } from './read-folder.ts';
import { OUTPUT_FOLDERS, skipFolder } from './skipped-folders.ts';
import type { LayoutName, PassedOverReason, WalkOptions, WalkStep } from './types.ts';

const MAX_DEPTH = 32;
const MAX_ENTRIES = 2_000_000;
/** Folders that are read at once. Each holds its entries in memory until its turn comes. */
const AHEAD = 8;

/**
 * Every model below a folder, with what belongs to it, and everything that looks like a model or holds some and is passed
 * over. Nothing of the models is read but their lists of files. In the order of the folders' names; what changes meanwhile
 * may be missed. Throws where the root cannot be read, and the signal's reason when that is aborted.
 */
export async function* walkCollection(root: string, options: WalkOptions = {}): AsyncGenerator<WalkStep> {
  const absolute = resolve(root);
  const real = await realpath(absolute);
  const layout = options.layout ?? (await detectLayout(absolute));
  const allowed = await Promise.all((options.allowedRoots ?? []).map((path) => realpath(path).catch(() => null)));
  const context: WalkContext = {
    links: new Links(
      real,
      allowed.filter((path) => path !== null),
    ),
    hints: new Map(),
    seen: new Set(),
  };
  const walk = new Walk(context, layout, options);
  yield* walk.below({
    path: '',
    absolute,
    real,
    depth: 0,
    type: typeOfFolder(basename(real)),
    tags: [],
    name: repositoryName(basename(real)) ?? basename(real),
    companions: { sidecars: [], previews: [] },
    isRepository: repositoryName(basename(real)) !== null,
  });
}

class Walk {
  readonly #context: WalkContext;
  readonly #layout: LayoutName;
  readonly #options: WalkOptions;
  #entries = 0;

  constructor(context: WalkContext, layout: LayoutName, options: WalkOptions) {
    this.#context = context;
    this.#layout = layout;
    this.#options = options;
  }

  async *below(top: Folder): AsyncGenerator<WalkStep> {
    const { maxDepth = MAX_DEPTH, maxEntries = MAX_ENTRIES, signal } = this.#options;
    /** The next one last; those at the end are being read already. */
    const waiting: { folder: Folder; contents?: Promise<FolderContents> }[] = [{ folder: top }];
    for (;;) {
      signal?.throwIfAborted();
      for (const ahead of waiting.slice(-AHEAD)) ahead.contents ??= this.#read(ahead.folder);
      const next = waiting.pop();
      if (next?.contents === undefined) return;
      const { folder } = next;
      const { steps, folders, entries } = await next.contents;
      yield* steps;
      this.#entries += entries;
      if (this.#entries > maxEntries) {
        yield { passedOver: { path: folder.path, why: 'too-many' } };
        return;
      }
      const inner: Folder[] = [];
      for (const found of folders) {
        const why = this.#skip(folder, found) ?? (folder.depth >= maxDepth ? 'too-deep' : null);
        if (why === null) inner.push(this.#enter(folder, found));
        else if (why !== 'linked') yield { passedOver: { path: pathIn(folder, found.name), why } };
      }
      for (const found of inner.reverse()) waiting.push({ folder: found });
    }
  }

  #read(folder: Folder): Promise<FolderContents> {
    const contents = readFolder(folder, this.#context);
    // Until its turn comes, nobody waits for it.
    contents.catch(() => {});
    return contents;
  }

  /** Why a folder is not walked; `linked` for those of a repository whose files its snapshots link to. */
  #skip(parent: Folder, { name, real }: InnerFolder): PassedOverReason | 'linked' | null {
    if (repositoryName(basename(parent.real)) !== null && name !== 'snapshots') return 'linked';
    if (isTool(this.#layout) && parent.path === '' && OUTPUT_FOLDERS.has(name.toLowerCase())) return 'outputs';
    if (this.#context.links.isTree(real) && real === join(parent.real, name)) return 'link-seen';
    return skipFolder(name);
  }

  #enter(parent: Folder, { name, real, companions }: InnerFolder): Folder {
    const repository = repositoryName(name);
    const isRepository = parent.isRepository || repository !== null;
    const { type, tags, tag } = this.#readName(parent, name, isRepository);
    const above = parent.path === '' || isStructure(parent.name) ? '' : parent.name;
    return {
      path: pathIn(parent, name),
      absolute: join(parent.absolute, name),
      real,
      depth: parent.depth + 1,
      type,
      tags,
      ...(tag === null ? {} : { tag }),
      name: repository ?? (isKey(name) || name === 'snapshots' ? parent.name : nameOfFolder(name, above, isRepository)),
      companions,
      isRepository,
    };
  }

  /**
   * What the name of a folder says: the type of the models in it, or a tag. Programs name the type once, and people name
   * the folders below it; without a program the last name counts.
   */
  #readName(
    parent: Folder,
    name: string,
    isRepository: boolean,
  ): Pick<Folder, 'type' | 'tags'> & { tag: string | null } {
    const above = parent.tag === undefined ? parent.tags : [...parent.tags, parent.tag];
    const isProgram = isTool(this.#layout);
    const type = isProgram && parent.type !== undefined ? undefined : typeOfFolder(name);
    if (type !== undefined) return { type, tags: isProgram ? [] : above, tag: null };
    const isTag = !(isRepository || isStructure(name) || above.includes(name));
    return { type: parent.type, tags: above, tag: isTag ? name : null };
  }
}

/** True for programs, which give every folder its meaning. */
function isTool(layout: LayoutName): boolean {
  return !(layout === 'plain' || layout === 'diffusers' || layout === 'huggingface-cache');
}
