import type { JobKind, JobPayload } from '../../queue/index.ts';

/** Does one job. A job may run twice, so the work must hold what it finds done. A rejection is tried again. */
export type Handler<Kind extends JobKind> = (payload: JobPayload<Kind>, isLastTry: boolean) => Promise<void>;

/** What does the jobs of each kind; loaded when a worker takes such jobs, because each brings its part of the service. */
export const HANDLERS: { readonly [Kind in JobKind]: () => Promise<Handler<Kind>> } = {
  import: async () => (await import('./import.ts')).run,
  bulk: async () => (await import('./bulk.ts')).run,
  ingest: async () => (await import('./ingest.ts')).run,
  merge: async () => (await import('./merge.ts')).run,
  plan: async () => (await import('./plan.ts')).run,
  preview: async () => (await import('./preview.ts')).run,
  remote: async () => (await import('./remote.ts')).run,
  rescan: async () => (await import('./rescan.ts')).run,
  sweep: async () => (await import('./sweep.ts')).run,
};

/** What watches the folders of imports, in a worker that takes them. */
export async function loadImportWatcher() {
  return (await import('./import.ts')).watchImports;
}
