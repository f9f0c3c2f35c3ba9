import { basename, join } from 'node:path';
import type { Selection } from '#scanner/convert/index.ts';
import { type Hashes, hashFile } from '#scanner/hashes/index.ts';
import { formatReportText, openFileSource, scan, verdictOf } from '#scanner/index.ts';
import { contentsByName } from '#scanner/model-files.ts';
import {
  convertToSingleFile,
  type FileGroup,
  findModelAt,
  type OpenModel,
  openModel,
  readModelFolder,
  type SingleFileReport,
} from '#scanner/multi-file/index.ts';
import { AppError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { isSameFile } from './output-path.ts';
import { showProgress } from './progress.ts';
import { plain, wantsColour } from './terminal-text.ts';
import { writeOutput } from './write-output.ts';
import { checkShardPaths, type OutputFile } from './write-shards.ts';

/** Where a model in several files lies. */
export interface FolderInput {
  root: string;
  group: FileGroup;
}

export interface ConvertedFolder extends SingleFileReport {
  hashes: Hashes;
}

interface FolderOptions {
  force: boolean;
  maxShardSize: number | undefined;
  disarm: boolean;
  selection: Selection;
}

/** The model in several files that a path names: a folder, or an index. Null where it is none. */
export function findFolder(path: string): FolderInput | null {
  return findModelAt(path);
}

/** Scans the files with the weights of a model, and writes them as one safetensors file. Throws AppError and FileError. */
export async function convertFolder(
  { root, group }: FolderInput,
  input: string,
  output: string,
  target: string,
  { force, disarm, selection, maxShardSize }: FolderOptions,
): Promise<ConvertedFolder & { files?: OutputFile[] }> {
  if (contentsByName(target) !== 'safetensors')
    throw new AppError('bad_request', 'A model in several files can be converted to .safetensors only.');
  using model = openModel(readModelFolder(root, group));
  for (const { path } of model.folder.weights) {
    if (isSameFile(join(root, path), target))
      throw new AppError('bad_request', 'The output is a file of the model itself. Choose another output.');
  }
  if (maxShardSize !== undefined) {
    const sources = model.folder.weights.map(({ path }) => join(root, path));
    checkShardPaths(target, group.index === null ? sources : [...sources, join(root, group.index)], force);
  }
  checkVerdict(model, input, disarm);
  const bar = await showProgress('Converting', input);
  try {
    return await writeOutput({ target, output, force, maxShardSize }, async (part) => {
      const report = await convertToSingleFile(model, part, {
        ...selection,
        metadata: { 'weighhouse.version': VERSION },
        onProgress: (fraction) => bar.update(fraction * 0.9),
      });
      const hashes = await hashFile(part, { onProgress: (fraction) => bar.update(0.9 + fraction * 0.1) });
      return { ...report, hashes };
    });
  } finally {
    bar.end();
  }
}

/** Throws AppError where a file that would be read, or the whole, is not clean. */
function checkVerdict({ folder, findings }: OpenModel, input: string, disarm: boolean): void {
  const colour = wantsColour();
  const all = [...findings];
  for (const { path } of folder.weights) {
    using source = openFileSource(join(folder.root, path));
    const report = scan(source, { name: basename(path) });
    all.push(...report.findings);
    if (report.verdict !== 'clean') console.error(formatReportText(join(input, path), report, { colour }));
  }
  const verdict = verdictOf(all);
  const mayDisarm = verdict === 'suspicious' || verdict === 'dangerous';
  if (verdict === 'clean' || (disarm && mayDisarm)) return;
  for (const { severity, message } of findings) if (severity !== 'note') console.error(plain(message));
  const advice = mayDisarm ? ' Use --disarm to write only its tensors.' : '';
  throw new AppError('conflict', `${plain(input)} is ${verdict} and was not converted.${advice}`);
}

/** What is not in the file, besides what options leave out. */
export function describeLeftOut({ otherComponents, notWritten, sources }: ConvertedFolder): string[] {
  return [
    `  from ${Object.keys(sources).length} files`,
    ...(otherComponents.length > 0
      ? [`  components without a place in a single file: ${plain(otherComponents.join(', '))}`]
      : []),
    ...(notWritten.length > 0 ? [`  tensors that programs make themselves: ${plain(notWritten.join(', '))}`] : []),
  ];
}
