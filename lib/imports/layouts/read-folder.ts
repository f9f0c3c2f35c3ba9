import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isModelName,
  MODEL_ENDINGS,
  modelEnding,
  withoutModelEnding,
  withoutUnfinished,
} from '#scanner/model-files.ts';
import { CONFIG, MODEL_INDEX, parseIndexName } from '#scanner/multi-file/client.ts';
import { readSidecarNames } from '#scanner/sidecars/index.ts';
import { type Companion, matchCompanions } from './companions.ts';
import { type Companions, type Folder, pathIn, type WalkContext } from './folder.ts';
import { isGenericName } from './names.ts';
import { listBelow, readPipelineIndex } from './pipeline.ts';
import { groupShards, readShardIndex } from './shards.ts';
import { ENVIRONMENT_MARKS } from './skipped-folders.ts';
import { type SortedEntries, sortEntries } from './sort-entries.ts';
import { explainError, statFiles } from './stat-files.ts';
import type { FoundFile, PassedOverReason, WalkStep } from './types.ts';

export interface InnerFolder {
  name: string;
  real: string;
  isLink: boolean;
  companions: Companions;
}

/** A model that links led to is another name of one that was found, perhaps: the walk knows those before. */
export type FolderStep = WalkStep & { isLinked?: boolean };

export interface FolderContents {
  steps: FolderStep[];
  folders: InnerFolder[];
  /** How many entries it has. */
  entries: number;
}

/** Reads one folder: the models in it, what is passed over, and the folders below that are to be walked. */
export async function readFolder(folder: Folder, context: WalkContext): Promise<FolderContents> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder.absolute, { withFileTypes: true });
  } catch (error) {
    const passedOver = { path: folder.path, ...explainError(error, folder.absolute) };
    return { steps: [{ passedOver }], folders: [], entries: 0 };
  }
  if (folder.depth > 0 && entries.some(({ name }) => ENVIRONMENT_MARKS.has(name)))
    return { steps: [{ passedOver: { path: folder.path, why: 'software' } }], folders: [], entries: entries.length };
  const reader = new FolderReader(folder, context, await sortEntries(entries, folder, context.links));
  const folders = await reader.read();
  return { steps: reader.steps, folders, entries: entries.length };
}

/** Parts of a pipeline without which it makes no images. */
const DENOISERS = new Set(['unet', 'transformer', 'prior']);

class FolderReader {
  readonly steps: FolderStep[] = [];
  readonly #folder: Folder;
  readonly #context: WalkContext;
  readonly #entries: SortedEntries;
  readonly #tags: string[];
  /** Companion files by the name of their model, and what was found under each name. */
  #companions = new Map<string, readonly Companion[]>();
  #companionFiles = new Map<string, FoundFile>();

  constructor(folder: Folder, context: WalkContext, entries: SortedEntries) {
    this.#folder = folder;
    this.#context = context;
    this.#entries = entries;
    this.#tags = folder.tag === undefined ? [...folder.tags] : [...folder.tags, folder.tag];
  }

  async read(): Promise<InnerFolder[]> {
    const { files, refused } = this.#entries;
    for (const { name, why, detail } of refused) this.#pass(name, why, detail);
    const models = this.#chooseModels();
    const indices = files.filter((name) => parseIndexName(name) !== null);
    await this.#findCompanions(models, indices);

    const found = await this.#stat(models, true);
    const folders = await this.#addPipeline();
    for (const name of indices) await this.#addIndexed(name, found);
    this.#addNumbered(found);
    for (const [name, file] of found) this.#add('file', [file], name);
    return folders.map((folder) => ({ ...folder, companions: this.#companionsOf([folder.name]) }));
  }

  /** Names of the files that are models of their own, or parts of one. */
  #chooseModels(): string[] {
    const names = new Set(this.#entries.files);
    return this.#entries.files.filter((name) => {
      const ending = modelEnding(name);
      if (ending === null && !isModelName(name)) return false;
      if (name.startsWith('.')) this.#pass(name, 'hidden');
      // aria2 writes a file at its full size from the beginning, and keeps a second one next to it until it is done.
      else if (withoutUnfinished(name) !== null || names.has(`${name}.aria2`)) this.#pass(name, 'unfinished');
      else if (ending !== null && MODEL_ENDINGS[ending].isCommon === true) this.#pass(name, 'other-ending');
      else return true;
      return false;
    });
  }

  async #findCompanions(models: readonly string[], indices: readonly string[]): Promise<void> {
    const { files, folders } = this.#entries;
    const taken = new Set([...models, ...indices, MODEL_INDEX]);
    const names = files.filter(
      (name) => !(taken.has(name) || name.startsWith('.')) && readSidecarNames(name).length > 0,
    );
    const { of, alone } = matchCompanions(names, [...models, ...folders.map(({ name }) => name)]);
    for (const name of alone) this.#pass(name, 'no-model');
    this.#companions = of;
    const filenames = new Set([...of.values()].flatMap((list) => list.map(({ filename }) => filename)));
    this.#companionFiles = await this.#stat([...filenames], false);
  }

  /** A folder that lists components is one model with them. Returns the folders that are none of them. */
  async #addPipeline(): Promise<SortedEntries['folders']> {
    const { files, folders } = this.#entries;
    const index = files.includes(MODEL_INDEX) ? (await this.#stat([MODEL_INDEX], true)).get(MODEL_INDEX) : undefined;
    if (index === undefined) return folders;
    const names = await readPipelineIndex(join(this.#folder.absolute, MODEL_INDEX), index.size);
    const components = folders.filter(({ name }) => names?.includes(name));
    const missing = (names ?? []).filter((name) => DENOISERS.has(name) && !components.some((one) => one.name === name));
    if (components.length === 0 || missing.length > 0) {
      if (names === null) this.#pass(MODEL_INDEX, 'bad-index');
      else this.#pass(MODEL_INDEX, 'shards-missing', missing.join(', '));
    } else {
      const parts: FoundFile[] = [index];
      for (const { name, real } of components) {
        const { files: listed, refused } = await listBelow(
          { path: pathIn(this.#folder, name), absolute: join(this.#folder.absolute, name), real },
          this.#context.links,
        );
        for (const passedOver of refused) this.steps.push({ passedOver });
        parts.push(...listed);
      }
      this.#addFolder(parts);
    }
    return folders.filter((folder) => !components.includes(folder));
  }

  #addFolder(files: FoundFile[]): void {
    const { name, tags, companions, absolute, isRepository } = this.#folder;
    const hint = this.#context.hints.get(absolute);
    const expectedType = hint?.type ?? 'checkpoint';
    this.steps.push({
      model: { kind: 'diffusers', files, expectedType, tags: [...tags], ...companions, name: hint?.name ?? name },
      isLinked: isRepository,
    });
  }

  /** The shards that an index lists. */
  async #addIndexed(name: string, found: Map<string, FoundFile>): Promise<void> {
    const index = (await this.#stat([name], true)).get(name);
    if (index === undefined) return;
    const shards = await readShardIndex(join(this.#folder.absolute, name), index.size);
    if (shards === null) {
      this.#pass(name, 'bad-index');
      return;
    }
    const files = shards.map((shard) => found.get(shard));
    const missing = shards.filter((shard) => !found.has(shard));
    for (const shard of shards) found.delete(shard);
    if (missing.length > 0) this.#pass(name, 'shards-missing', missing.slice(0, 10).join(', '));
    else {
      const config = await this.#findConfig();
      const parts = [index, ...files.filter((file) => file !== undefined), ...config];
      this.#add('shards', parts, name.replace(/\.index\..*$/i, ''));
    }
  }

  /** What names the class of shards, where the folder has no others. */
  async #findConfig(): Promise<FoundFile[]> {
    const { files } = this.#entries;
    const isAlone = files.filter((name) => parseIndexName(name) !== null).length === 1;
    return isAlone && files.includes(CONFIG) ? [...(await this.#stat([CONFIG], false)).values()] : [];
  }

  /** Shards without an index. */
  #addNumbered(found: Map<string, FoundFile>): void {
    for (const { name, shards, missing } of groupShards([...found.keys()])) {
      const files = shards.map((shard) => found.get(shard)).filter((file) => file !== undefined);
      for (const shard of shards) found.delete(shard);
      const [first = name] = shards;
      if (missing.length > 0) this.#pass(first, 'shards-missing', missing.join(', '));
      else this.#add('shards', files, name);
    }
  }

  /** `filename` stands for the model: that of its file, or the one that its shards share. */
  #add(kind: 'file' | 'shards', files: FoundFile[], filename: string): void {
    const hint = this.#context.hints.get(join(this.#folder.absolute, filename));
    const isGeneric = isGenericName(filename);
    const type = hint?.type ?? this.#folder.type ?? undefined;
    const name = hint?.name ?? (isGeneric ? this.#folder.name : kind === 'shards' ? withoutModelEnding(filename) : '');
    this.steps.push({
      model: {
        kind,
        files,
        ...(type === undefined ? {} : { expectedType: type }),
        tags: isGeneric ? [...this.#folder.tags] : [...this.#tags],
        ...this.#companionsOf([filename, ...files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))]),
        ...(name === '' ? {} : { name }),
      },
      isLinked: this.#entries.linked.size > 0,
    });
  }

  #companionsOf(models: readonly string[]): Companions {
    const listed = new Map(
      models.flatMap((model) => this.#companions.get(model) ?? []).map((one) => [one.filename, one]),
    );
    const companions: Companions = { sidecars: [], previews: [] };
    for (const { filename, isPreview } of listed.values()) {
      const file = this.#companionFiles.get(filename);
      if (file !== undefined) (isPreview ? companions.previews : companions.sidecars).push(file);
    }
    return companions;
  }

  /** What is found under names; the rest is passed over, empty companions without a word. */
  async #stat(names: readonly string[], isModel: boolean): Promise<Map<string, FoundFile>> {
    const files = names.map((name) => ({
      path: pathIn(this.#folder, name),
      absolute: join(this.#folder.absolute, name),
    }));
    const found = new Map<string, FoundFile>();
    for (const [index, result] of (await statFiles(files)).entries()) {
      const name = names[index] ?? '';
      if (!('why' in result)) found.set(name, result);
      else if (isModel || result.why !== 'empty') this.#pass(name, result.why, result.detail);
    }
    return found;
  }

  #pass(name: string, why: PassedOverReason, detail?: string): void {
    const path = pathIn(this.#folder, name);
    this.steps.push({ passedOver: { path, why, ...(detail === undefined ? {} : { detail }) } });
  }
}
