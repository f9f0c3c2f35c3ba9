'use client';

import { createContext, useContext } from 'react';
import type { MultiFileKind } from '#scanner/multi-file/client.ts';
import type { TrayRow } from './tray-rows.ts';

/** A model in several files: each with its path in it. */
export interface ModelFiles {
  name: string;
  layout: MultiFileKind;
  files: readonly { file: File; path: string }[];
}

export interface Uploads {
  rows: TrayRow[];
  /** True while the server does not say how far the files are. */
  isServerAway: boolean;
  /** Sends files: as new models, or as versions of one. */
  add: (files: readonly File[], options?: { modelId?: number }) => void;
  /** Sends the files of a model in several, as one new model. Rejects where the server does not take it. */
  addModel: (model: ModelFiles) => Promise<void>;
  /** Goes on with a row that was cut off, from the file that was selected again. */
  selectAgain: (row: TrayRow, file: File) => void;
  pause: (row: TrayRow) => void;
  /** Goes on with what was paused or has failed. */
  retry: (row: TrayRow) => void;
  /** Sends it from the first byte as another upload. */
  startOver: (row: TrayRow) => void;
  cancel: (row: TrayRow) => void;
  /** Takes what is finished off the list, for good. */
  dismiss: (rows: readonly TrayRow[]) => void;
  /** Bytes a second; null while unknown. */
  speedOf: (row: TrayRow, now: number) => number | null;
}

export const UploadsContext = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext);
  if (uploads === null) throw new Error('useUploads needs an UploadProvider around it.');
  return uploads;
}
