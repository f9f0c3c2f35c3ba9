import { type FileStateName, VERDICTS } from '#lib/catalog/client.ts';
import { STAGES } from '#lib/stages.ts';
import type { UploadView } from '#lib/uploads/client.ts';
import { formatBytes } from '../format.ts';
import { failedStage, isProcessing, runningStage, STAGE_LABELS } from '../stages.ts';
import { FAILURES, type Failure, type FailureAction } from './failures.ts';
import type { UploadTask } from './upload-task.ts';

export type TrayPhase =
  | 'waiting'
  | 'preparing'
  | 'uploading'
  | 'finishing'
  | 'elsewhere'
  | 'paused'
  | 'retrying'
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

/** One line of the list of uploads: a file being sent from here, or one the service has. */
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
  /** Its task in this tab; null when it has none. */
  taskId: string | null;
  /** The tus id; of a model in several files that of its upload set. */
  uploadId: string | null;
  isSet: boolean;
  modelId: number | null;
  verdict: FileStateName | null;
  error: string | null;
  /** When it is tried again by itself, in milliseconds. */
  retryAt: number | null;
  /** What a person can do about what went wrong. */
  action: FailureAction | null;
  settled: boolean;
}

const PHASE_OF_STAGE = {
  hash: 'hashing',
  scan: 'scanning',
  identify: 'identifying',
  convert: 'converting',
  verify: 'verifying',
} as const;

/** Puts what is sent from here next to what the service knows, each upload once: what is under way, then the newest first. */
export function trayRows(tasks: readonly UploadTask[], views: readonly UploadView[]): TrayRow[] {
  // A model in several files is one row from when all of it was sent.
  const known = new Set(tasks.flatMap(({ uploadId, part }) => [uploadId, part?.set].filter((id) => id != null)));
  const creating = new Set(tasks.flatMap(({ name, size, uploadId }) => (uploadId === null ? [`${size} ${name}`] : [])));
  const remote = views.filter(
    ({ id, state, filename, size }) =>
      state !== 'aborted' &&
      state !== 'expired' &&
      !known.has(id) &&
      // The address of an upload that has just begun is not known here yet.
      !(state === 'receiving' && creating.has(`${size} ${filename}`)),
  );
  const byId = new Map(views.map((view) => [view.id, view]));
  const local = tasks.map((task) => {
    const view = task.uploadId === null ? undefined : byId.get(task.uploadId);
    return task.state.kind === 'complete' && view !== undefined && view.state !== 'receiving'
      ? { ...rowOfView(view), taskId: task.id }
      : rowOfTask(task, view);
  });
  // Of thousands of files those that something happens to come first.
  const isWaiting = ({ phase }: TrayRow) => phase === 'waiting';
  return [...local.filter((row) => !isWaiting(row)), ...local.filter(isWaiting), ...remote.map(rowOfView)];
}

function rowOfTask(task: UploadTask, view: UploadView | undefined): TrayRow {
  const { id, uploadId, name, size, state } = task;
  const fractionOf = (bytes: number) => (size === 0 ? 0 : Math.min(1, bytes / size));
  const fraction = fractionOf(task.sent);
  const row = {
    key: uploadId ?? id,
    step: 0,
    filename: name,
    size,
    taskId: id,
    uploadId,
    isSet: false,
    modelId: null,
    verdict: null,
    error: null,
    retryAt: null,
    action: null,
    settled: false,
    progress: fraction,
  };
  switch (state.kind) {
    case 'queued':
      return { ...row, phase: 'waiting', progress: null, label: 'Waiting to upload' };
    case 'preparing':
      return { ...row, phase: 'preparing', progress: fraction === 0 ? null : fraction, label: 'Preparing upload' };
    case 'sending':
      return { ...row, phase: 'uploading', label: `Uploading ${percent(fraction)}` };
    case 'finishing':
      return { ...row, phase: 'finishing', label: 'Sent. The server is checking the file' };
    case 'paused':
      return { ...row, phase: 'paused', label: `Paused at ${percent(fraction)}` };
    case 'elsewhere': {
      const progress = fractionOf(view?.offset ?? 0);
      const label = `${state.isPaused ? 'Paused' : 'Uploading'} in another tab: ${percent(progress)}`;
      return { ...row, phase: 'elsewhere', progress, label };
    }
    case 'waiting': {
      const { failure, retryAt } = state;
      return { ...row, phase: 'retrying', ...describe(failure), retryAt };
    }
    case 'failed':
      return { ...row, phase: 'failed', ...describe(state.failure) };
    case 'complete':
      return { ...row, step: 1, phase: 'queued', progress: null, label: 'Received, waiting for a scan' };
  }
}

function describe({ kind, reason }: Failure) {
  const { label, action } = FAILURES[kind];
  return { label, error: reason, action };
}

function rowOfView(view: UploadView): TrayRow {
  const { id, filename, size, offset, state, file, error } = view;
  const row = {
    key: id,
    step: state === 'receiving' ? 0 : 1 + stagesBehind(file),
    filename,
    size,
    taskId: null,
    uploadId: id,
    isSet: view.files !== null,
    modelId: file?.modelId ?? null,
    verdict: null,
    error,
    retryAt: null,
    action: null,
    settled: false,
    progress: null,
  };
  if (error !== null) return { ...row, phase: 'failed', label: 'Upload rejected', settled: true };
  if (state === 'receiving') {
    const fraction = size === 0 ? 0 : offset / size;
    if (view.files !== null) {
      const label = `Incomplete, ${percent(fraction)} of ${view.files} files received: select the same files or folder to resume`;
      return { ...row, phase: 'unfinished', progress: fraction, label };
    }
    return {
      ...row,
      phase: 'unfinished',
      progress: fraction,
      label: `Interrupted at ${percent(fraction)}: select the same file to resume`,
      action: 'select-again',
    };
  }
  if (view.hidden) {
    return { ...row, phase: 'duplicate', label: HIDDEN_DUPLICATE, settled: true };
  }
  if (view.sidecar) {
    const label =
      file === null ? 'Stored until a model file with the same name is uploaded' : `Added to ${file.modelName}`;
    return { ...row, phase: 'done', label, settled: true };
  }
  if (file === null) {
    return state === 'received'
      ? { ...row, phase: 'queued', label: 'Received, waiting for a scan' }
      : { ...row, phase: 'done', label: 'No longer in the catalog: the file was deleted', settled: true };
  }

  const running = runningStage(file);
  if (running !== null) {
    const label = [STAGE_LABELS[running.stage], running.progress > 0 && percent(running.progress)]
      .filter(Boolean)
      .join(' ');
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

const HIDDEN_DUPLICATE =
  'Already in the catalog, in a model that is not published and that you may not see. Ask an administrator';

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
  const whole = Math.floor(fraction * 100);
  return whole === 0 && fraction > 0 ? 'less than 1 %' : `${whole} %`;
}

/** What the button of the list shows. */
export interface TraySummary {
  /** Files that are not finished. */
  unfinished: number;
  /** Files for which somebody has to do something. */
  failed: number;
  /** Of the bytes of files that are being sent, 0 to 1; null where none is. */
  progress: number | null;
}

/** Why a file cannot be sent for a row that was cut off; null where it can. Of a model in several files, a row has its path. */
export function refuseFile({ filename, size }: TrayRow, file: Pick<File, 'name' | 'size'>): string | null {
  const isSame = file.name === filename.slice(filename.lastIndexOf('/') + 1) && file.size === size;
  return isSame ? null : `Select ${filename} (${formatBytes(size)}), the same file as before.`;
}

export function summarize(rows: readonly TrayRow[]): TraySummary {
  const open = rows.filter(({ settled }) => !settled);
  const sending = open.filter(({ step, phase }) => step === 0 && phase !== 'unfinished' && phase !== 'failed');
  const bytes = sending.reduce((sum, { size }) => sum + size, 0);
  const sent = sending.reduce((sum, { size, progress }) => sum + size * (progress ?? 0), 0);
  return {
    unfinished: open.length,
    failed: open.filter(({ phase }) => phase === 'failed').length,
    progress: bytes === 0 ? null : sent / bytes,
  };
}
