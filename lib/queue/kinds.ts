import { z } from 'zod';
import { VARIANT_OPTIONS } from './variant-options.ts';

/**
 * Kinds of jobs: what a job's payload is (ids, never data), how often it is tried and when by itself. What does the work
 * is in `lib/worker/handlers`.
 */
export const JOB_KINDS = {
  ingest: {
    /**
     * `identify`: also where the file was identified before. `measure`: read the numbers of its tensors, too. `variant`:
     * convert it once more with these options, into a further file of its model.
     */
    payload: z.object({
      fileId: z.int(),
      identify: z.boolean().optional(),
      measure: z.boolean().optional(),
      variant: z.object({ options: VARIANT_OPTIONS, askedBy: z.string() }).optional(),
    }),
    // One worker at a time for a file: its stages share a scratch folder.
    key: ({ fileId }: { fileId: number }) => String(fileId),
    // Small files are done on all cores; of large ones as many at a time as the settings say (lib/ingest/large-files.ts).
    concurrency: 'cores',
    // Three tries in all. A worker that died is noticed by its missing heartbeat, long before the job would expire.
    queue: {
      policy: 'singleton',
      retryLimit: 2,
      retryDelay: 5,
      retryBackoff: true,
      expireInSeconds: 6 * 3600,
      heartbeatSeconds: 30,
      notify: true,
    },
  },
  merge: {
    payload: z.object({ mergeId: z.int() }),
    // One worker at a time for a merge: it has a scratch folder of its own.
    key: ({ mergeId }: { mergeId: number }) => String(mergeId),
    queue: {
      policy: 'singleton',
      retryLimit: 1,
      retryDelay: 10,
      expireInSeconds: 6 * 3600,
      heartbeatSeconds: 30,
      notify: true,
    },
  },
  plan: {
    /**
     * A model that has something to render, or something new to render it by; or a base version for which there is
     * another checkpoint or renderer now. Without either, what was left out.
     */
    payload: z.object({ modelId: z.int().optional(), base: z.string().optional() }),
    // Asked for again while it runs it runs again; asked for twice while it waits it runs once.
    key: ({ modelId, base }: { modelId?: number | undefined; base?: string | undefined }) =>
      String(modelId ?? base ?? 'all'),
    queue: { policy: 'short', retryLimit: 2, retryDelay: 5, expireInSeconds: 900, heartbeatSeconds: 30, notify: true },
  },
  preview: {
    /**
     * A signal that there is more to render. What comes first is the worker's choice: the next of the checkpoint that
     * it has loaded, mostly. `previewId` is for one that is tried again later, and has a signal of its own.
     */
    payload: z.object({ previewId: z.int().optional() }),
    // One that waits is enough: who takes it works off what there is, and sends another while there is more.
    key: ({ previewId }: { previewId?: number | undefined }) => String(previewId ?? 'any'),
    queue: {
      policy: 'short',
      retryLimit: 2,
      retryDelay: 10,
      expireInSeconds: 12 * 3600,
      heartbeatSeconds: 60,
      notify: true,
    },
    // It has the graphics card, or all cores, to itself.
    concurrency: 1,
  },
  remote: {
    payload: z.object({ importId: z.int() }),
    // One worker at a time for an import. What failed and may pass is queued again by the work itself.
    key: ({ importId }: { importId: number }) => String(importId),
    queue: {
      policy: 'singleton',
      retryLimit: 5,
      retryDelay: 10,
      retryBackoff: true,
      expireInSeconds: 24 * 3600,
      heartbeatSeconds: 30,
      notify: true,
    },
    // It waits for others, mostly.
    concurrency: 3,
  },
  import: {
    payload: z.object({ importId: z.int() }),
    // One worker at a time for an import.
    key: ({ importId }: { importId: number }) => String(importId),
    queue: {
      policy: 'singleton',
      retryLimit: 5,
      retryDelay: 5,
      retryBackoff: true,
      // The most that the queue takes; the sweep goes on with what takes longer.
      expireInSeconds: 24 * 3600,
      heartbeatSeconds: 30,
      notify: true,
    },
    concurrency: 1,
  },
  bulk: {
    payload: z.object({ jobId: z.int() }),
    // One worker at a time for a job.
    key: ({ jobId }: { jobId: number }) => String(jobId),
    queue: {
      policy: 'singleton',
      retryLimit: 5,
      retryDelay: 5,
      retryBackoff: true,
      expireInSeconds: 6 * 3600,
      heartbeatSeconds: 30,
      notify: true,
    },
  },
  rescan: {
    payload: z.object({}),
    // One runs and one waits, in the whole service: each hands over to the next file's.
    queue: {
      policy: 'stately',
      retryLimit: 2,
      retryDelay: 30,
      expireInSeconds: 6 * 3600,
      heartbeatSeconds: 30,
      notify: true,
    },
    // For what was cut short a day ago; the start of a worker begins the rest.
    cron: '47 * * * *',
  },
  sweep: {
    payload: z.object({}),
    queue: { retryLimit: 0, expireInSeconds: 600, heartbeatSeconds: 30 },
    cron: '7,27,47 * * * *',
  },
} as const;

export type JobKind = keyof typeof JOB_KINDS;
export type JobPayload<Kind extends JobKind> = z.infer<(typeof JOB_KINDS)[Kind]['payload']>;
