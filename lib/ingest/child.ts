/**
 * The program inside the sandbox: reads tasks on the same files from standard input, and writes progress and then a
 * result or an error of each to standard output, one JSON value a line. It ends after an error, and when no task follows.
 */

import { basename } from 'node:path';
import type { ConversionOptions } from '#scanner/convert/index.ts';
import { FileError, isSystemError } from '#scanner/errors.ts';
import type { SidecarStatements } from '#scanner/identify/index.ts';
import { forbidLoading, loadAll } from '#scanner/loaded-later.ts';
import { checkKept, keepOpen, verifyKept } from '#scanner/opened-files.ts';
import { allowCollection } from '#scanner/release.ts';
import type { SidecarNote } from '#scanner/sidecars/index.ts';
import { type FileSource, openFileSource } from '#scanner/source.ts';
import { beBrief, becomeUser, readCommand, willBecomeUser, writeFully } from '../process/index.ts';
import { EXTRAS, type Extra, type FolderTask, type StageCommand, type StageResults, type StageTask } from './stages.ts';

const STDOUT = 1;
const PROGRESS_SECONDS = 0.2;
let lastProgress = 0;

function onProgress(progress: number): void {
  // `performance` would take longer to load than a small file to scan.
  const now = process.uptime();
  if (progress < 1 && now - lastProgress < PROGRESS_SECONDS) return;
  lastProgress = now;
  send({ progress });
}

function send(message: object): void {
  writeFully(STDOUT, `${JSON.stringify(message)}\n`);
}

type Result = StageResults[StageTask['stage']];

/** The programs of a stage that may be loaded before its file is known; each once, also where loading is too late by then. */
const scanner = once(() => import('#scanner/scan.ts'));
const identifier = once(() => import('#scanner/identify/index.ts'));
const tables = once(() => import('#scanner/tensors/index.ts'));
const notesReader = once(() => import('#scanner/sidecars/index.ts'));

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** Loads what scanning and identifying take. */
async function loadAhead(): Promise<void> {
  await Promise.all([scanner(), identifier(), tables()]);
}

/** What this process could load no more when it was wanted: it may read its own program no longer. */
const missing = new Set<Extra>();

/** Ends this process, wherever it is: one that has the extra begins again. */
function askFor(extra: Extra): never {
  send({ needs: extra });
  process.exit(0);
}

/** Loads and opens what a stage takes. The returned function does its work, and no byte of a file is read before. */
async function prepare(task: StageTask): Promise<() => Result | Promise<Result>> {
  if (task.stage === 'hash') {
    const { NAME_ALONE, prepareHashing } = await import('#scanner/hashes/index.ts');
    const hash = await prepareHashing(task.path, task.nameAlone ? NAME_ALONE : undefined);
    return async () => await hash({ onProgress });
  }
  return 'folder' in task ? await loadFolder(task) : await load(task);
}

/** The same for a model in several files. */
async function loadFolder(task: FolderTask): Promise<() => Result | Promise<Result>> {
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
      const { scan } = await scanner();
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

/** What is scanned and then identified is one source, so that what was read of it need not be read again. */
const sources = new Map<string, FileSource>();

function sourceOf(path: string): FileSource {
  const source = sources.get(path) ?? openFileSource(path);
  sources.set(path, source);
  return source;
}

async function load(task: Exclude<StageTask, { stage: 'hash' } | FolderTask>): Promise<() => Result | Promise<Result>> {
  switch (task.stage) {
    case 'scan': {
      const { scan } = await scanner();
      return () => {
        const source = sourceOf(task.path);
        return scan(source, { name: task.name, ...(task.limits && { limits: task.limits }), onProgress });
      };
    }
    case 'identify': {
      const { identifyFile } = await identifier();
      const { readTensorTable } = await tables();
      const readNotes = await loadNotesReader(task.notes);
      return () => {
        const sidecars = readNotes();
        const source = sourceOf(task.path);
        const table = readTensorTable(source);
        return {
          identity: identifyFile(source, { filename: task.name, sha256: task.sha256, sidecars }, table),
          tensors: table.tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
          nonTensors: table.nonTensors,
          refused: table.refused,
          metadata: Object.fromEntries(table.metadata),
        };
      };
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
  // What there is to load is loaded.
  process.permission?.drop('addon');
  process.permission?.drop('worker');
}

async function loadExtras(extras: readonly Extra[] | undefined): Promise<void> {
  if (extras === undefined) return loadAll();
  if (extras.includes('notes')) await notesReader();
  if (extras.includes('later')) loadAll();
  else forbidLoading(() => askFor('later'));
  for (const extra of EXTRAS) if (!extras.includes(extra)) missing.add(extra);
}

allowCollection();
try {
  let isOpen = false;
  for (;;) {
    const command = readCommand<StageCommand>();
    if (command === null) break;
    if ('ahead' in command) {
      await loadAhead();
      continue;
    }
    const { inputs, extras, ...task } = command;
    lastProgress = 0;
    if (!isOpen) await keepOpen(inputs, { isAwaited: task.stage !== 'scan' && task.stage !== 'identify' });
    const work = await prepare(task);
    if (!isOpen) {
      await giveUpRights(task, extras);
      // They are open already, and this reads nothing of them.
      beBrief(inputs.reduce((sum, { path }) => sum + openFileSource(path).size, 0));
    }
    isOpen = true;
    const result = await work();
    // What was read may have been changed meanwhile.
    if (task.stage === 'scan') verifyKept();
    else checkKept();
    send({ result });
  }
} catch (error) {
  if (isSystemError(error, 'ENOSPC')) send({ fault: 'disk_full' });
  // Any other is a fault of ours, with its stack.
  if (!(error instanceof FileError)) throw error;
  send({ error: { name: error.name, message: error.message } });
}
