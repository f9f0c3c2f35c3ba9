import { type Actor, authorize } from '../accounts/index.ts';
import { detectLayout, type FoundModel, PASSED_OVER, walkCollection } from './layouts/index.ts';
import { listRoots, requireImportFolder } from './roots.ts';
import type { FolderSearch } from './types.ts';

/** How many of those that are passed over an answer names. */
const MAX_REASONS = 500;

/** What an import of a folder would find. Changes nothing, and reads no model. Throws AppError, or the signal's reason. */
export async function searchFolder(actor: Actor, path: string, signal?: AbortSignal): Promise<FolderSearch> {
  authorize(actor, 'imports.manage');
  const root = await requireImportFolder(path);
  const layout = await detectLayout(root);
  const types = new Map<FoundModel['expectedType'] | null, { models: number; bytes: number }>();
  const found: FolderSearch = { layout, models: 0, bytes: 0, companions: 0, types: [], passedOver: 0, reasons: [] };
  const options = { layout, allowedRoots: await listRoots(), ...(signal === undefined ? {} : { signal }) };
  for await (const step of walkCollection(root, options)) {
    if ('passedOver' in step) {
      const { path: at, why, detail = null } = step.passedOver;
      found.passedOver += 1;
      if (found.reasons.length < MAX_REASONS) found.reasons.push({ path: at, why, sentence: PASSED_OVER[why], detail });
      continue;
    }
    const { files, expectedType = null, sidecars, previews } = step.model;
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const sum = types.get(expectedType) ?? { models: 0, bytes: 0 };
    types.set(expectedType, { models: sum.models + 1, bytes: sum.bytes + bytes });
    found.models += 1;
    found.bytes += bytes;
    found.companions += sidecars.length + previews.length;
  }
  found.types = [...types]
    .map(([type, sums]) => ({ type: type ?? null, ...sums }))
    .sort((one, other) => other.models - one.models);
  return found;
}
