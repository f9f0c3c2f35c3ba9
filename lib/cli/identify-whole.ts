import { join, normalize, sep } from 'node:path';
import { checkModel, type FileGroup, findModelAt, groupModelFiles } from '#scanner/multi-file/index.ts';
import { findWorst } from '#scanner/report/index.ts';
import type { IdentifiedFile } from './identify-path.ts';
import { explain, listFiles } from './list-files.ts';

export interface FoundModel {
  /** The folder that its files lie in. */
  root: string;
  group: FileGroup;
}

/** The models in several files at a path: in a folder and below, or the one that an index names. */
export function findWholeModels(path: string): FoundModel[] {
  const paths = [...listFiles([path], () => true)].filter(({ problem }) => problem === null);
  if (paths.length === 1 && paths[0]?.path === path) {
    const model = findModelAt(path);
    return model === null ? [] : [model];
  }
  const posix = paths.map((file) => file.path.replaceAll(sep, '/'));
  return groupModelFiles(posix).map((group) => ({ root: normalize(group.root === '' ? '.' : group.root), group }));
}

/** What a model in several files is, and the paths of its files with weights. */
export function identifyWhole({ root, group }: FoundModel): { identified: IdentifiedFile; files: string[] } {
  const path = group.kind === 'diffusers' ? root : join(root, group.index ?? group.files[0] ?? '');
  const own = (names: readonly string[]) => names.map((name) => join(root, name));
  try {
    const { kind, identity, findings, weights, missing } = checkModel(root, group);
    const parts = weights.map((file) => file.path);
    const files = own([...new Set([...group.files, ...parts])]);
    if (identity === null)
      return {
        identified: { path, error: findWorst(findings)?.message ?? 'It has no tensors that can be read.' },
        files,
      };
    const problems = [...identity.problems, ...findings.map(({ message }) => message)];
    return { identified: { path, kind, parts, missing, ...identity, problems }, files };
  } catch (error) {
    return { identified: { path, error: explain(error) }, files: own(group.files) };
  }
}
