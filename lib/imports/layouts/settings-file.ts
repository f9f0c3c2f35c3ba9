import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { isSystemError } from '#scanner/errors.ts';

/** ComfyUI's list of further folders, next to its `models`. */
export const EXTRA_PATHS = 'extra_model_paths.yaml';
/** Characters. Those that managers write have a few thousand. */
const MAX_YAML = 256 * 1024;
const MAX_PATHS = 1000;
const NO_MODELS = new Set(['custom_nodes', 'configs']);

export interface ExtraFolder {
  /** Absolute. */
  path: string;
  /** ComfyUI's name of the type, such as `loras`: read like the name of a folder. */
  kind: string;
}

/**
 * The folders that `extra_model_paths.yaml` names: sections with a `base_path` (from the file's folder where it is
 * relative) and, for each type, one path a line. Empty where there is no such file; null where it cannot be read.
 */
export async function readExtraPaths(file: string): Promise<ExtraFolder[] | null> {
  try {
    if ((await stat(file)).size > MAX_YAML) return null;
    // Aliases of aliases would make gigabytes of a short text.
    const sections: unknown = parse(await readFile(file, 'utf8'), { maxAliasCount: 100, logLevel: 'error' });
    if (sections === null) return [];
    if (typeof sections !== 'object' || Array.isArray(sections)) return null;
    const found = Object.values(sections).flatMap((section) => readSection(section, dirname(file)));
    return found.slice(0, MAX_PATHS);
  } catch (error) {
    return isSystemError(error) && error.code === 'ENOENT' ? [] : null;
  }
}

function readSection(section: unknown, folder: string): ExtraFolder[] {
  if (typeof section !== 'object' || section === null) return [];
  const { base_path: base, ...kinds } = section as Record<string, unknown>;
  const from = typeof base === 'string' ? resolve(folder, expand(base)) : folder;
  return Object.entries(kinds).flatMap(([kind, value]) =>
    (typeof value === 'string' && !NO_MODELS.has(kind) ? value.split('\n') : [])
      .map((path) => path.trim())
      .filter((path) => path !== '')
      .map((path) => ({ kind, path: isAbsolute(expand(path)) ? expand(path) : resolve(from, path) })),
  );
}

/** `~`, as shells read it. Other variables are those of another program's process. */
function expand(path: string): string {
  return path.replace(/^~(?=$|[/\\])/, homedir());
}
