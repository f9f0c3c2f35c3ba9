import type { ConversionStateName, FileStateName, StageView } from '../catalog/index.ts';

/** One upload with the stages of the file it became: a row of the tray. */
export interface UploadView {
  /** The tus id; of a model in several files that of its upload set. */
  id: string;
  /** Of a model in several files its name. */
  filename: string;
  /** How many files a model in several has; null for what is one file. */
  files: number | null;
  /** Bytes. */
  size: number;
  /** Bytes received. */
  offset: number;
  state: 'receiving' | 'received' | 'stored' | 'duplicate' | 'aborted' | 'expired';
  error: string | null;
  /** True for a file that is kept next to a model; `file` is then that model's, null until it comes. */
  sidecar: boolean;
  /** True where the catalog has the bytes in a model that this person may not see: `file` is null then. */
  hidden: boolean;
  file: {
    id: number;
    modelId: number;
    modelName: string;
    state: FileStateName;
    conversion: ConversionStateName;
    conversionReason: string | null;
    stages: StageView[];
  } | null;
  createdAt: string;
}

/** A set that was announced, with what an earlier try has brought. */
export interface AnnouncedSet {
  id: string;
  /** Files that are there, or some of their bytes. */
  uploads: { path: string; uploadId: string; isReceived: boolean }[];
}
