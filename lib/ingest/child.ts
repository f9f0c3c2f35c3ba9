/** The program inside the sandbox, for every stage. It loads of itself what the stage takes. */

import { basename } from 'node:path';
import type { ConversionOptions } from '#scanner/convert/index.ts';
import type { SidecarStatements } from '#scanner/identify/index.ts';
import { forbidLoading, loadAll } from '#scanner/loaded-later.ts';
import type { SidecarNote } from '#scanner/sidecars/index.ts';
import { type FileSource, openFileSource } from '#scanner/source.ts';
import { becomeUser, willBecomeUser } from '../process/index.ts';
import { askFor, onProgress, serveTasks, type Work } from './serve-tasks.ts';
import { EXTRAS, type Extra, type FolderTask, type StageResults, type StageTask } from './stages.ts';

/** The programs of a stage that may be loaded before its file is known; each once, also where loading is too late by then. */
const inspection = once(() => import('./inspect-file.ts'));
const notesReader = once(() => import('#scanner/sidecars/index.ts'));

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** What this process could load no more when it was wanted: it may read its own program no longer. */
const missing = new Set<Extra>();

/** Loads and opens what a stage takes. The returned function does its work, and no byte of a file is read before. */
async function prepare(task: StageTask): Promise<Work> {
  if (task.stage === 'hash') {
    const { NAME_ALONE, prepareHashing } = await import('#scanner/hashes/index.ts');
    const hash = await prepareHashing(task.path, task.nameAlone ? NAME_ALONE : undefined);
    return async () => await hash({ onProgress });
  }
  return 'folder' in task ? await loadFolder(task) : await load(task);
}

/** The same for a model in several files. */
async function loadFolder(task: FolderTask): Promise<Work> {
  const several = await import('./several-files.ts');
  const { folder } = task;
  const open = () => several.openModel(several.readModelFolder(folder.root, folder));
  switch (task.stage) {
    case 'scan':
      return () => several.scanModel(folder.root, folder, { limits: task.limits, onProgress });
    case 'identify':
      return () => {
        using model = open();
        const { tensors, nonTensors, refused, metadata } = model.table;
        return {
          identity: several.identifyModel(model),
          tensors: tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
          nonTensors,
          refused,
          metadata: Object.fromEntries(metadata),
        };
      };
    case 'convert': {
      const { SourceTags } = await import('#scanner/convert/index.ts');
      return async () => {
        using model = open();
        const report = await several.convertToSingleFile(model, nameOf(task.target), {
          metadata: task.metadata,
          onProgress,
        });
        return { report, tags: new SourceTags([]).finish() };
      };
    }
    case 'verify': {
      const { openHasher } = await import('#scanner/hashes/index.ts');
      const { scan } = await import('#scanner/scan.ts');
      const { VerificationError } = await import('#scanner/convert/index.ts');
      const { size } = openFileSource(task.target);
      const hasher = await openHasher(size);
      await hasher.ready();
      return async () => {
        await using _ = hasher;
        using source = openFileSource(task.target);
        const { container, verdict, tensors } = scan(source);
        if (container !== 'safetensors' || verdict !== 'clean')
          throw new VerificationError('What was written is not a clean safetensors file.');
        for (let at = 0; at < size; at += STEP_BYTES) {
          await hasher.update(source.read(at, Math.min(STEP_BYTES, size - at)));
          onProgress(at / size);
        }
        return { tensors: tensors ?? 0, bytes: size, hashes: await hasher.finish() };
      };
    }
  }
}

const STEP_BYTES = 4 * 1024 * 1024;

async function load(task: Exclude<StageTask, { stage: 'hash' } | FolderTask>): Promise<Work> {
  switch (task.stage) {
    case 'scan': {
      const { scanFile } = await inspection();
      return () => scanFile(task, { onProgress });
    }
    case 'identify': {
      const { identifyFile } = await inspection();
      const readNotes = await loadNotesReader(task.notes);
      return () => identifyFile(task, readNotes());
    }
    case 'measure': {
      const { findBrokenNumbers, measureTensors } = await import('#scanner/statistics/index.ts');
      const { readTensorTable } = await import('#scanner/tensors/index.ts');
      return async () => {
        using source = openFileSource(task.path);
        const tensors = await measureTensors(source, readTensorTable(source), { onProgress });
        return { tensors, problems: findBrokenNumbers(tensors) };
      };
    }
    case 'merge': {
      const { mergeModels } = await import('#scanner/merge/index.ts');
      const { request, name, dtype, metadata } = task;
      return async () => await mergeModels(request, nameOf(task.target), { name, dtype, metadata, onProgress });
    }
    case 'convert': {
      const convert = await loadConversion();
      return async () => {
        using source = openFileSource(task.path);
        return await convert(source, nameOf(task.target), { metadata: task.metadata, onProgress });
      };
    }
    case 'verify': {
      const { verifyConversion } = await import('#scanner/convert/index.ts');
      const { openHasher } = await import('#scanner/hashes/index.ts');
      // It is open already, and this reads nothing of it.
      const { size } = openFileSource(task.target);
      const hasher = await openHasher(size);
      await hasher.ready();
      return async () => {
        await using _ = hasher;
        using source = openFileSource(task.path);
        const { tags } = task;
        const verified = await verifyConversion(source, task.target, { tags, readInto: hasher, onProgress });
        return { ...verified, hashes: await hasher.finish() };
      };
    }
    case 'variant': {
      const convert = await loadConversion();
      const { verifyConversion } = await import('#scanner/convert/index.ts');
      const { NAME_ALONE, openHasher } = await import('#scanner/hashes/index.ts');
      return async () => {
        using source = openFileSource(task.path);
        const target = nameOf(task.target);
        const { metadata, options } = task;
        const reportHalf = (from: number) => (progress: number) => onProgress(from + progress / 2);
        const { report, tags } = await convert(source, target, { ...options, metadata, onProgress: reportHalf(0) });
        await using hasher = await openHasher(report.bytes, NAME_ALONE);
        await verifyConversion(source, target, { ...options, tags, readInto: hasher, onProgress: reportHalf(0.5) });
        return { report, sha256: (await hasher.finish()).sha256 };
      };
    }
  }
}

/** What is written lies in the working directory, and whom this process becomes may not walk there. */
function nameOf(target: string): string {
  return basename(target);
}

/** Converts, and computes the tags of the source's tensors on their way. */
async function loadConversion() {
  const { convertToSafetensors, selectTensors, SourceTags } = await import('#scanner/convert/index.ts');
  const { readTensorTable } = await import('#scanner/tensors/index.ts');
  return async (source: FileSource, target: string, options: ConversionOptions): Promise<StageResults['convert']> => {
    const table = readTensorTable(source);
    const tags = new SourceTags(selectTensors(table, options).tensors);
    const onSource: ConversionOptions['onSource'] = (piece) => tags.take(piece);
    const report = await convertToSafetensors(source, target, { ...options, table, onSource });
    return { report, tags: tags.finish() };
  };
}

/** Most files have nothing next to them, and then what reads it need not be loaded. */
async function loadNotesReader(notes: readonly SidecarNote[]): Promise<() => SidecarStatements> {
  if (notes.length === 0) return () => ({});
  if (missing.has('notes')) askFor('notes');
  const { readSidecarNotes } = await notesReader();
  return () => readSidecarNotes(notes);
}

/** Called before a byte of a file is read. */
async function giveUpRights(task: StageTask, extras: readonly Extra[] | undefined): Promise<void> {
  // What a hash takes it has loaded, and no program of another stage.
  if (willBecomeUser() && task.stage !== 'hash') await loadExtras(extras);
  becomeUser();
}

async function loadExtras(extras: readonly Extra[] | undefined): Promise<void> {
  if (extras === undefined) return loadAll();
  if (extras.includes('notes')) await notesReader();
  if (extras.includes('later')) loadAll();
  else forbidLoading(() => askFor('later'));
  for (const extra of EXTRAS) if (!extras.includes(extra)) missing.add(extra);
}

await serveTasks({ loadAhead: async () => void (await inspection()), prepare, giveUpRights });
