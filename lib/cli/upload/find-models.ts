import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { MODEL_INDEX, parseIndexName } from '#scanner/multi-file/client.ts';
import { AppError } from '../../errors.ts';
import type { FoundModel, PassedOver } from '../../imports/index.ts';
import { explain } from '../list-files.ts';
import { plain } from '../terminal-text.ts';

/** What a folder has to upload: models, and what is passed over, with the reason. Paths are below `root`. */
export interface FolderModels {
  root: string;
  models: FoundModel[];
  passedOver: { path: string; reason: string; isModel: boolean }[];
}

/** What is passed over and is a model all the same. */
const BROKEN: ReadonlySet<PassedOver['why']> = new Set([
  'bad-index',
  'shards-missing',
  'unreadable',
  'read-error',
  'vanished',
  'empty',
]);

/**
 * The models that a path stands for where it is a folder, or the index of a model in several files: shards and diffusers
 * folders are one each. Null for every other path. Throws AppError where it cannot be read.
 */
export async function findModels(path: string): Promise<FolderModels | null> {
  const found = await stat(path).catch(() => null);
  const index = found?.isFile() && isIndex(basename(path)) ? basename(path) : null;
  if (index === null && !found?.isDirectory()) return null;
  const { PASSED_OVER, walkCollection } = await import('./walk-folder.ts');
  const root = resolve(index === null ? path : dirname(path));
  const models: FoundModel[] = [];
  const passedOver: FolderModels['passedOver'] = [];
  try {
    const allowedRoots = repositoryOf(await realpath(root));
    for await (const step of walkCollection(root, { allowedRoots, ...(index === null ? {} : { maxDepth: 0 }) })) {
      if ('model' in step) models.push(step.model);
      else {
        const { path: at, why, detail } = step.passedOver;
        const isOutside = why === 'link-outside' || why === 'outside-roots';
        const sentence = isOutside ? 'It lies outside of the folder that you upload.' : PASSED_OVER[why];
        const reason = [sentence, detail].filter(Boolean).join(' ');
        passedOver.push({ path: at, reason, isModel: BROKEN.has(why) });
      }
    }
  } catch (error) {
    throw new AppError('bad_request', plain(explain(error)));
  }
  if (index === null) return { root, models, passedOver };
  const isOwn = (model: FoundModel) => model.files[0]?.path === index;
  return {
    root,
    models: models.filter(isOwn),
    passedOver: passedOver.filter((one) => one.path === index),
  };
}

function isIndex(name: string): boolean {
  return name === MODEL_INDEX || parseIndexName(name) !== null;
}

/** Hugging Face's cache: a snapshot is a folder of links into the folder of its repository. */
function repositoryOf(real: string): string[] {
  const [, repository] = /^(.*[\\/]models--[^\\/]+)[\\/]snapshots(?:[\\/]|$)/.exec(real) ?? [];
  return repository === undefined ? [] : [repository];
}
