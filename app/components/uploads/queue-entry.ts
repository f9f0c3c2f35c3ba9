import type { Upload } from 'tus-js-client';
import type { Release, SharedUpload } from './tabs.ts';
import type { UploadTask } from './upload-task.ts';

/** A file of this tab, and what is at work on it. */
export interface Entry {
  task: UploadTask;
  /** Null where another tab could not hand it on. */
  file: File | null;
  fingerprint: string;
  /** The upload was remembered from an earlier visit, and may have expired meanwhile. */
  isRemembered: boolean;
  /** Counts attempts: what an earlier one still reports is dropped. */
  run: number;
  upload: Upload | null;
  retry: ReturnType<typeof setTimeout> | undefined;
  /** The lock of its upload. */
  release: Release | null;
  /** The lock of its file, while the upload is being created. */
  releaseFile: Release | null;
  /** Aborted when it is removed. */
  removed: AbortController;
}

export interface NewEntry extends Pick<Entry, 'file' | 'fingerprint' | 'isRemembered'> {
  task: Pick<UploadTask, 'name' | 'size' | 'modelId' | 'part' | 'uploadId'>;
}

export function createEntry(id: string, { task, ...rest }: NewEntry): Entry {
  return {
    ...rest,
    task: { ...task, id, sent: 0, failures: 0, state: { kind: 'queued' } },
    run: 0,
    upload: null,
    retry: undefined,
    release: null,
    releaseFile: null,
    removed: new AbortController(),
  };
}

/** What the other tabs are told of an upload; null where this tab does not own one. */
export function describeToTabs({ task, file, fingerprint, release }: Entry): SharedUpload | null {
  const { uploadId, name, size, modelId, part, state } = task;
  if (release === null || uploadId === null || state.kind === 'complete') return null;
  return { uploadId, name, size, modelId, part, fingerprint, isPaused: state.kind === 'paused', file };
}
