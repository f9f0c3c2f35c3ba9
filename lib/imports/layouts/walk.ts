import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { detectLayout } from './detect.ts';
import { type Folder, isNew, pathIn, type WalkContext } from './folder.ts';
import { isKey, isStructure, typeOfFolder } from './folder-types.ts';
import { readInvokeDatabase } from './invoke-database.ts';
import { isWithin, Links, resolveLink } from './links.ts';
import { nameOfFolder, repositoryName } from './names.ts';
import { type FolderContents, type FolderStep, type InnerFolder, readFolder } from './read-folder.ts';
import { EXTRA_PATHS, readExtraPaths } from './settings-file.ts';
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
    hints: layout === 'invokeai' ? await readInvokeDatabase(absolute) : new Map(),
    seen: new Set(),
  };
  const extra = await readExtraPaths(join(absolute, EXTRA_PATHS));
  if (extra === null) yield { passedOver: { path: EXTRA_PATHS, why: 'bad-settings' } };
  const walk = new Walk(context, layout, options);
  for (const { path, kind } of extra ?? []) walk.nameFolder(path, kind);
  yield* walk.below(topFolder({ path: '', absolute, real }, typeOfFolder(basename(real))));

  // What settings name below the root was walked. Elsewhere the operator must allow it.
  for (const { path, kind } of extra ?? [])
    if (!isWithin(path, absolute)) yield* walk.elsewhere(path, typeOfFolder(kind));
  const hinted = [...context.hints.keys()].filter((path) => !isWithin(path, absolute));
  for (const [folder, paths] of Map.groupBy(hinted, dirname)) yield* walk.some(folder, new Set(paths));
}

function topFolder(at: { path: string; absolute: string; real: string }, type: Folder['type']): Folder {
  const name = basename(at.real);
  return {
    ...at,
    depth: 0,
    type,
    tags: [],
    name: repositoryName(name) ?? name,
    companions: { sidecars: [], previews: [] },
    isRepository: repositoryName(name) !== null,
  };
}

class Walk {
  readonly #context: WalkContext;
  readonly #layout: LayoutName;
  readonly #options: WalkOptions;
  /** Folders to which settings give a type, by absolute path. */
  readonly #kinds = new Map<string, string>();
  #entries = 0;

  constructor(context: WalkContext, layout: LayoutName, options: WalkOptions) {
    this.#context = context;
    this.#layout = layout;
    this.#options = options;
  }

  nameFolder(path: string, kind: string): void {
    this.#kinds.set(path, kind);
  }

  /** A folder outside of the root, with everything below. */
  async *elsewhere(absolute: string, type: Folder['type']): AsyncGenerator<WalkStep> {
    const path = toSlashes(absolute);
    const found = await resolveLink(absolute);
    // Settings keep naming folders that were removed long ago.
    if ('why' in found && found.why === 'link-broken') return;
    const why = 'why' in found ? found.why : this.#context.links.addTree(found.real);
    if ('real' in found && why === null) yield* this.below(topFolder({ path, absolute, real: found.real }, type));
    else if (why !== null && why !== 'link-seen') yield { passedOver: { path, why } };
  }

  /** Some models of a folder outside of the root. */
  async *some(absolute: string, wanted: ReadonlySet<string>): AsyncGenerator<WalkStep> {
    const found = await resolveLink(absolute);
    if ('why' in found && found.why === 'link-broken') return;
    const why = 'why' in found ? found.why : this.#context.links.isAllowed(found.real) ? null : 'outside-roots';
    if (!('real' in found) || why !== null) {
      if (why !== null) for (const path of wanted) yield { passedOver: { path: toSlashes(path), why } };
      return;
    }
    const top = topFolder({ path: toSlashes(absolute), absolute, real: found.real }, undefined);
    const { steps, folders } = await this.#read(top);
    for (const step of steps) {
      const path = 'model' in step ? (step.model.files[0]?.path ?? '') : step.passedOver.path;
      if (wanted.has(resolve(path))) yield step;
    }
    for (const folder of folders)
      if (wanted.has(join(absolute, folder.name)) && !this.#context.links.isTree(folder.real))
        yield* this.below(this.#enter(top, folder));
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
      for (const step of steps) yield this.#once(step);
      this.#entries += entries;
      if (this.#entries > maxEntries) {
        yield { passedOver: { path: folder.path, why: 'too-many' } };
        return;
      }
      const inner: Folder[] = [];
      for (const found of folders) {
        const why = folder.depth >= maxDepth ? 'too-deep' : this.#skip(folder, found);
        if (why === null) inner.push(this.#enter(folder, found));
        else if (why !== 'linked') yield { passedOver: { path: pathIn(folder, found.name), why } };
      }
      for (const found of inner.reverse()) waiting.push({ folder: found });
    }
  }

  /** Revisions of a repository share files: each is found under its first name. */
  #once({ isLinked, ...step }: FolderStep): WalkStep {
    if (!('model' in step) || isLinked !== true) return step;
    const [first] = step.model.files;
    const fresh = step.model.files.filter((file) => isNew(this.#context, file));
    return fresh.length > 0 || first === undefined ? step : { passedOver: { path: first.path, why: 'link-seen' } };
  }

  #read(folder: Folder): Promise<FolderContents> {
    const contents = readFolder(folder, this.#context);
    // Until its turn comes, nobody waits for it.
    contents.catch(() => {});
    return contents;
  }

  /** Why a folder is not walked; `linked` for those of a repository whose files its snapshots link to. */
  #skip(parent: Folder, { name, real, isLink }: InnerFolder): PassedOverReason | 'linked' | null {
    if (repositoryName(basename(parent.real)) !== null && name !== 'snapshots') return 'linked';
    const isOutput = isTool(this.#layout) && parent.path === '' && OUTPUT_FOLDERS.has(name.toLowerCase());
    // ComfyUI's nodes that save models put them next to the images, in folders of the same names as those of `models`.
    if (isOutput && this.#layout !== 'comfyui') return 'outputs';
    if (this.#layout === 'comfyui' && OUTPUT_FOLDERS.has(parent.path.toLowerCase()) && typeOfFolder(name) === undefined)
      return 'outputs';
    const { links } = this.#context;
    return skipFolder(name) ?? (isLink ? links.addLink(real, parent.real) : links.isTree(real) ? 'link-seen' : null);
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
    const kind = this.#kinds.get(join(parent.absolute, name));
    const isTyped = isProgram && parent.type !== undefined;
    const type = kind !== undefined ? typeOfFolder(kind) : isTyped ? undefined : typeOfFolder(name);
    if (type !== undefined) return { type, tags: isProgram ? [] : above, tag: null };
    const isTag = !(isRepository || isStructure(name) || above.includes(name));
    return { type: parent.type, tags: above, tag: isTag ? name : null };
  }
}

function toSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/** True for programs, which give every folder its meaning. */
function isTool(layout: LayoutName): boolean {
  return !(layout === 'plain' || layout === 'diffusers' || layout === 'huggingface-cache');
}
