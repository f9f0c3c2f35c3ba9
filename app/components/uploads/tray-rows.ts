import { type FileStateName, VERDICTS } from '#lib/catalog/client.ts';
import { STAGES } from '#lib/stages.ts';
import type { UploadView } from '#lib/uploads/client.ts';
import { failedStage, isProcessing, runningStage, STAGE_LABELS } from '../stages.ts';

export type TrayPhase =
  | 'waiting'
  | 'uploading'
  | 'paused'
  | 'failed'
  | 'unfinished'
  | 'queued'
  | 'hashing'
  | 'scanning'
  | 'identifying'
  | 'converting'
  | 'verifying'
  | 'duplicate'
  | 'done';

/** The steps of a file, in order. */
export const STEPS = ['upload', ...STAGES] as const;

/** One line of the tray: a file being sent from here, or one the service has. */
export interface TrayRow {
  key: string;
  filename: string;
  /** Bytes. */
  size: number;
  phase: TrayPhase;
  /** The index in STEPS of what is under way or comes next. */
  step: number;
  /** Of that step, 0 to 1; null where there is nothing to measure. */
  progress: number | null;
  label: string;
  /** The id it is sent under from this page; null when it is not. */
  localId: string | null;
  /** The tus id. */
  uploadId: string | null;
  modelId: number | null;
  verdict: FileStateName | null;
  error: string | null;
  settled: boolean;
}

/** A file being sent from this page. */
export interface LocalUpload {
  id: string;
  uploadId: string | null;
  name: string;
  size: number;
  sent: number;
  started: boolean;
  paused: boolean;
  complete: boolean;
  error: string | null;
}

const PHASE_OF_STAGE = {
  hash: 'hashing',
  scan: 'scanning',
  identify: 'identifying',
  convert: 'converting',
  verify: 'verifying',
} as const;

/** Puts what is sent from here next to what the service knows, each upload once, the newest first. */
export function trayRows(locals: readonly LocalUpload[], views: readonly UploadView[]): TrayRow[] {
  const known = new Set(locals.flatMap(({ uploadId }) => (uploadId === null ? [] : [uploadId])));
  const sending = new Set(locals.map(({ name, size }) => `${size} ${name}`));
  const remote = views.filter(
    ({ id, state, filename, size }) =>
      state !== 'aborted' &&
      state !== 'expired' &&
      !known.has(id) &&
      // The address of an upload that has just begun is not known here yet.
      !(state === 'receiving' && sending.has(`${size} ${filename}`)),
  );
  const byId = new Map(views.map((view) => [view.id, view]));
  return [
    ...locals.map((local) => {
      const view = local.uploadId === null ? undefined : byId.get(local.uploadId);
      return local.complete && view !== undefined && view.state !== 'receiving'
        ? { ...rowOfView(view), localId: local.id }
        : rowOfLocal(local);
    }),
    ...remote.map(rowOfView),
  ];
}

function rowOfLocal(local: LocalUpload): TrayRow {
  const { id, uploadId, name, size, sent, started, paused, complete, error } = local;
  const fraction = size === 0 ? 0 : Math.min(1, sent / size);
  const row = {
    key: uploadId ?? id,
    step: 0,
    filename: name,
    size,
    localId: id,
    uploadId,
    modelId: null,
    verdict: null,
    error,
    settled: false,
  };
  if (error !== null) return { ...row, phase: 'failed', progress: fraction, label: 'Upload failed' };
  if (complete) return { ...row, step: 1, phase: 'queued', progress: null, label: 'Received, waiting for a scan' };
  if (paused) return { ...row, phase: 'paused', progress: fraction, label: `Paused at ${percent(fraction)}` };
  if (!started) return { ...row, phase: 'waiting', progress: null, label: 'Waiting to upload' };
  return { ...row, phase: 'uploading', progress: fraction, label: `Uploading ${percent(fraction)}` };
}

function rowOfView(view: UploadView): TrayRow {
  const { id, filename, size, offset, state, file, error } = view;
  const row = {
    key: id,
    step: state === 'receiving' ? 0 : 1 + stagesBehind(file),
    filename,
    size,
    localId: null,
    uploadId: id,
    modelId: file?.modelId ?? null,
    verdict: null,
    error,
    settled: false,
    progress: null,
  };
  if (error !== null) return { ...row, phase: 'failed', label: 'Upload rejected', settled: true };
  if (state === 'receiving') {
    const fraction = size === 0 ? 0 : offset / size;
    return {
      ...row,
      phase: 'unfinished',
      progress: fraction,
      label: `Interrupted at ${percent(fraction)}: select the same file to resume`,
    };
  }
  if (view.sidecar) {
    const label =
      file === null ? 'Stored until a model file with the same name is uploaded' : `Added to ${file.modelName}`;
    return { ...row, phase: 'done', label, settled: true };
  }
  if (file === null) return { ...row, phase: 'queued', label: 'Received, waiting for a scan' };

  const running = runningStage(file);
  if (running !== null) {
    const label = `${STAGE_LABELS[running.stage]} ${percent(running.progress)}`;
    return { ...row, phase: PHASE_OF_STAGE[running.stage], progress: running.progress, label };
  }
  const failed = failedStage(file);
  if (failed !== null) {
    const label = `${STAGE_LABELS[failed.stage]} failed`;
    return { ...row, phase: 'failed', label, error: failed.message, verdict: file.state, settled: true };
  }
  if (isProcessing(file)) return { ...row, phase: 'queued', label: 'Waiting for the next step' };
  const verdict = file.state;
  if (state === 'duplicate') {
    return { ...row, phase: 'duplicate', label: 'Already in the catalog', verdict, settled: true };
  }
  return { ...row, phase: 'done', label: outcome(file), verdict, settled: true };
}

function stagesBehind(file: UploadView['file']): number {
  const next = file?.stages.findIndex(({ state }) => state !== 'done') ?? 0;
  return next === -1 ? STEPS.length - 1 : next;
}

function outcome({ state, conversion, conversionReason }: NonNullable<UploadView['file']>): string {
  if (conversion === 'converted') return 'Ready to download as safetensors';
  if (conversion === 'not_convertible') return conversionReason ?? 'The file could not be converted.';
  return VERDICTS.find(({ id }) => id === state)?.meaning ?? state;
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}
