'use client';

import { createContext, useContext } from 'react';
import type { TrayRow } from './tray-rows.ts';

export interface Uploads {
  rows: TrayRow[];
  /** Sends files: as new models, or as versions of one. `resume` names an unfinished upload that the one file goes on with. */
  add: (files: readonly File[], options?: { modelId?: number; resume?: string }) => void;
  pauseOrResume: (row: TrayRow) => void;
  retry: (row: TrayRow) => void;
  cancel: (row: TrayRow) => void;
  /** Bytes a second; null while unknown. */
  speedOf: (row: TrayRow) => number | null;
}

export const UploadsContext = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext);
  if (uploads === null) throw new Error('useUploads needs an UploadProvider around it.');
  return uploads;
}
