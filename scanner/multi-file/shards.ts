import type { Finding } from '../report/index.ts';
import { type IndexName, parseShardName } from './file-names.ts';
import { lookAt } from './safe-paths.ts';
import { quote, readShardIndex } from './shard-index.ts';
import type { ShardIndex, WeightFile } from './types.ts';

/** What shards are there, as their index or their names say. Paths are below the model's folder. */
export interface Shards {
  weights: WeightFile[];
  index: ShardIndex | null;
  missing: string[];
  findings: Finding[];
}

/** Shards by their index. `folder` is where it lies below `root`, and the component that they are. */
export function readShards(root: string, folder: string | null, indexFile: string, name: IndexName): Shards {
  const at = (file: string) => (folder === null ? file : `${folder}/${file}`);
  const shards: Shards = { weights: [], index: null, missing: [], findings: [] };
  const presence = lookAt(root, at(indexFile));
  if (presence !== 'file') {
    shards.findings.push(describeAbsence(at(indexFile), presence));
    return shards;
  }
  const index = readShardIndex(root, at(indexFile), name.format);
  if ('rule' in index) {
    shards.findings.push(index);
    return shards;
  }
  shards.index = { ...index, fileOf: new Map([...index.fileOf].map(([tensor, file]) => [tensor, at(file)])) };
  for (const path of new Set(shards.index.fileOf.values())) addFile(root, path, folder, shards);
  return shards;
}

/** Shards without an index, by their numbers. */
export function readNumberedShards(root: string, files: readonly string[]): Shards {
  const shards: Shards = { weights: [], index: null, missing: [], findings: [] };
  const numbered = files.flatMap((file) => {
    const shard = parseShardName(file);
    return shard === null ? [] : [{ file, ...shard }];
  });
  const counts = new Set(numbered.map(({ count }) => count));
  const [count = 0] = counts;
  if (counts.size !== 1 || numbered.some(({ number }) => number < 1 || number > count)) {
    shards.findings.push({
      rule: 'model/index',
      severity: 'malformed',
      message: 'The numbers in the names of the files do not belong to one model.',
    });
    return shards;
  }
  const present = new Set(numbered.map(({ number }) => number));
  const absent = Math.max(0, count - present.size);
  for (const { file } of numbered) addFile(root, file, null, shards);
  if (absent > 0) {
    const [first] = numbered;
    const width = /-(\d+)-of-/.exec(first?.file ?? '')?.[1]?.length ?? 5;
    for (let number = 1; number <= count && shards.missing.length < MAX_NAMED; number += 1) {
      if (present.has(number)) continue;
      shards.missing.push((first?.file ?? '').replace(/-\d+-of-/, `-${String(number).padStart(width, '0')}-of-`));
    }
    const names = shards.missing.slice(0, 3).map(quote).join(', ');
    shards.findings.push({
      rule: 'model/part-missing',
      severity: 'incomplete',
      message: `${absent} of ${count} files are missing: ${names}${absent > 3 ? '…' : ''}.`,
    });
  }
  return shards;
}

const MAX_NAMED = 100;

function addFile(root: string, path: string, component: string | null, shards: Shards): void {
  const presence = lookAt(root, path);
  if (presence === 'file') shards.weights.push({ path, component });
  else {
    shards.findings.push(describeAbsence(path, presence));
    if (shards.missing.length < MAX_NAMED) shards.missing.push(path);
  }
}

/** The finding for a file that is named and cannot be taken. */
export function describeAbsence(path: string, presence: Exclude<ReturnType<typeof lookAt>, 'file'>): Finding {
  switch (presence) {
    case 'missing':
      return { rule: 'model/part-missing', severity: 'incomplete', message: `The file ${quote(path)} is missing.` };
    case 'outside':
      return {
        rule: 'model/unsafe-path',
        severity: 'incomplete',
        message: `The file ${quote(path)} is a link that leads out of the folder of the model. It was not read.`,
      };
    case 'not-a-file':
      return { rule: 'model/part-missing', severity: 'incomplete', message: `${quote(path)} is not a file.` };
  }
}
