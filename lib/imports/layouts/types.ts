import type { ModelType } from '#lib/catalog/client.ts';

/** How a collection is laid out: by which program, or by nobody in particular. */
export type LayoutName =
  | 'a1111'
  | 'comfyui'
  | 'invokeai'
  | 'stability-matrix'
  | 'swarmui'
  | 'diffusers'
  | 'huggingface-cache'
  | 'plain';

export interface FoundFile {
  /**
   * Relative to the root, `/` between folders; absolute where the file lies in an allowed folder outside of it, which a
   * program's settings name. `resolve(root, path)` opens both.
   */
  path: string;
  /** In bytes. */
  size: number;
  /** In whole milliseconds. */
  mtimeMs: number;
  /** The same in nanoseconds. */
  mtimeNs: bigint;
  /** When the system last changed anything about it, in nanoseconds. */
  ctimeNs: bigint;
  inode: bigint;
  device: bigint;
}

export interface FoundModel {
  kind: 'file' | 'shards' | 'diffusers';
  /** One for `file`; all of them, with the index, for the others. Never empty. */
  files: FoundFile[];
  /** What the folder or the program's database says; the weights decide. */
  expectedType?: ModelType;
  /** Names of the folders below the one of its type, as they are written. */
  tags: string[];
  /** Texts that belong to it, under names of `readSidecarNames`. */
  sidecars: FoundFile[];
  previews: FoundFile[];
  /** Where its file name does not say it: that of a diffusers folder, of a repository, of a program's database. */
  name?: string;
}

/** Why something is not imported, in a sentence each. */
export const PASSED_OVER = {
  hidden: 'Hidden files and folders are not imported.',
  trash: 'This is the recycle bin, a snapshot or an index of the system or NAS.',
  software: 'This folder contains installed software.',
  cache: 'This folder contains a download cache or thumbnails.',
  outputs: 'This folder contains generated images.',
  unfinished: 'The download is not finished.',
  empty: 'The file is empty.',
  'other-ending': 'Other programs use this file name extension as well. If it is a model, upload it.',
  special: 'Not a file or folder.',
  unreadable: 'Permission denied.',
  vanished: 'The file or folder disappeared during the scan.',
  'read-error': 'The file or folder could not be read.',
  'invalid-name': 'The name is not valid UTF-8. Rename it.',
  'link-broken': 'The target of the symbolic link does not exist.',
  'link-outside': 'The symbolic link leads outside of the folders that may be imported.',
  'link-loop': 'Its symbolic links form a loop.',
  'link-seen': 'The symbolic link leads to a file or folder that is imported under another name.',
  'outside-roots': 'The folder is not one that may be imported. Add it to WEIGHHOUSE_IMPORT_ROOTS.',
  'too-deep': 'Too many folders inside each other.',
  'too-many': 'Too many files. Import the subfolders one by one.',
  'bad-settings': 'The settings file cannot be read, so the folders that it names are missing.',
  'bad-index': 'The list of the files of this model cannot be read.',
  'shards-missing': 'Files of this model are missing.',
  'no-model': 'No model file has this name.',
} as const;

export type PassedOverReason = keyof typeof PASSED_OVER;

export interface PassedOver {
  /** As in `FoundFile`. */
  path: string;
  why: PassedOverReason;
  /** What exactly: names of missing files, the system's error. */
  detail?: string;
}

export interface WalkOptions {
  /** Folders outside of the root into which symbolic links and settings of programs may lead. */
  allowedRoots?: readonly string[];
  /** Detected where it is absent. */
  layout?: LayoutName;
  /** Folders inside each other, 32 where it is absent. */
  maxDepth?: number;
  /** Entries of all folders together, two million where it is absent. */
  maxEntries?: number;
  signal?: AbortSignal;
}

export type WalkStep = { model: FoundModel } | { passedOver: PassedOver };
