import type { ModelType } from '#lib/catalog/client.ts';
import type { Links } from './links.ts';
import type { FoundFile, FoundModel } from './types.ts';

export type Companions = Pick<FoundModel, 'sidecars' | 'previews'>;

/** A folder to read, with what the folders above it say of the models in it. */
export interface Folder {
  /** As in `FoundFile`; empty for the root. */
  path: string;
  absolute: string;
  /** Without symbolic links. */
  real: string;
  depth: number;
  /** Undefined where no folder says it; null where it is a kind that the catalog has no type for. */
  type: ModelType | null | undefined;
  /** Of the folders above it. */
  tags: readonly string[];
  /** Its own. */
  tag?: string;
  /** What the models are called whose file names say nothing. */
  name: string;
  /** Next to the folder under its name, for one that is a model. */
  companions: Companions;
  /** True below a folder of a Hugging Face repository. */
  isRepository: boolean;
}

/** What a program's database says of a file or folder. */
export interface Hint {
  name?: string;
  type?: ModelType | null;
}

/** What one walk knows in all folders. */
export interface WalkContext {
  links: Links;
  /** By absolute path. */
  hints: ReadonlyMap<string, Hint>;
  /** Files that links led to. */
  seen: Set<string>;
  signal?: AbortSignal;
}

/** The path of an entry of a folder, as in `FoundFile`. */
export function pathIn({ path }: Folder, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

/** False where a link led to the same file before. */
export function isNew({ seen }: WalkContext, { device, inode }: FoundFile): boolean {
  const id = `${device}:${inode}`;
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}
