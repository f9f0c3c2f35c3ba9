import { FileError } from '../errors.ts';
import type { Identity } from '../identify/index.ts';
import type { Finding } from '../report/index.ts';
import { identifyModel } from './describe-model.ts';
import { openModel } from './open-model.ts';
import { readModelFolder } from './read-folder.ts';
import type { FileGroup, ModelFolder } from './types.ts';

/** What a model in several files is as a whole. The verdicts on its files come besides. */
export interface ModelReport extends Pick<ModelFolder, 'kind' | 'index' | 'weights' | 'missing'> {
  /** What is wrong with the whole. */
  findings: Finding[];
  /** Of the weights that a program would load. */
  tensors: number;
  bytes: number;
  /** Null where no file with weights could be read. */
  identity: Identity | null;
}

/** Reads the indexes, configurations and lists of tensors of a model in several files. Throws the system's error. */
export function checkModel(root: string, group: Pick<FileGroup, 'kind' | 'index' | 'files'>): ModelReport {
  const folder = readModelFolder(root, group);
  using model = openModel(folder);
  const { kind, index, weights, missing } = folder;
  return {
    kind,
    index,
    weights,
    missing,
    findings: model.findings,
    tensors: model.table.tensors.length,
    bytes: model.bytes,
    identity: identityOf(model),
  };
}

function identityOf(model: ReturnType<typeof openModel>): Identity | null {
  if (model.table.tensors.length === 0) return null;
  try {
    return identifyModel(model);
  } catch (error) {
    // The findings stand, whatever the tensors' reader cannot take.
    if (error instanceof FileError) return null;
    throw error;
  }
}
