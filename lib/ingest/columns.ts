/** The JSON columns of `model_file` and `finding`. */
import { z } from 'zod';
import { FORMAT_NAMES, LOADER_NAMES, VERDICTS } from '#scanner/report/index.ts';
import { jsonColumn } from '../db/index.ts';

const texts = z.array(z.string());
const namedTensors = z.object({ count: z.number(), names: texts });

/** What identification said, whole. The first version of the program wrote the keys up to `evidence`. */
const identity = z.object({
  type: z.string(),
  base: z.string(),
  variant: z.string().nullable().default(null),
  prediction: z.enum(['epsilon', 'v', 'flow', 'edm', 'unknown']).nullable().default(null),
  confidence: z.string().default('low'),
  components: texts.default([]),
  evidence: z
    .array(
      z.object({
        field: z.string(),
        source: z.enum(['weights', 'config', 'metadata', 'hash', 'sidecar', 'filename']),
        detail: z.string(),
      }),
    )
    .default([]),
  family: z.string().nullable().exactOptional(),
  merge: z.boolean().exactOptional(),
  algorithm: z.string().exactOptional(),
  absent: texts.exactOptional(),
  parameters: z.number().exactOptional(),
  precision: texts.exactOptional(),
  missingTensors: namedTensors.exactOptional(),
  surplusTensors: namedTensors.exactOptional(),
  lora: z
    .object({
      modules: z.number(),
      ranks: z.array(z.number()),
      alphas: z.array(z.number()),
      algorithms: z.record(z.string(), z.number()),
      parts: z.record(z.string(), z.number()),
      decomposed: z.number(),
      convolutions: z.number(),
    })
    .exactOptional(),
  candidates: texts.exactOptional(),
  coverage: z
    .object({
      unit: z.enum(['tensors', 'layers']),
      total: z.number(),
      explained: z.number(),
      missing: z.number(),
      runnerUp: z.number(),
    })
    .exactOptional(),
  problems: texts.exactOptional(),
});

export const IDENTITY = jsonColumn('model_file.identity', identity);

/** What it said and would say now, where that is something else. */
export const PROPOSAL_BEFORE = jsonColumn('identity_proposal.before', identity);
export const PROPOSAL_AFTER = jsonColumn('identity_proposal.after', identity);

/** The tensor table. The largest column: some thousand entries are ordinary, a hundred thousand possible. */
export const TENSORS = jsonColumn(
  'model_file.tensors',
  z.array(z.object({ name: z.string(), dtype: z.string(), shape: z.array(z.number()) })),
);

const number = z.number().nullable();

/** What the numbers of each tensor are like, and what is wrong with them. */
export const STATISTICS = jsonColumn(
  'model_file.statistics',
  z.object({
    tensors: z.array(
      z.object({
        name: z.string(),
        dtype: z.string(),
        count: z.number(),
        nan: z.number(),
        infinite: z.number(),
        zeros: z.number(),
        min: number,
        max: number,
        mean: number,
        std: number,
        unmeasured: z.string().nullable(),
      }),
    ),
    problems: texts,
  }),
);

/** Entries that are not tensors and stayed behind. */
export const NON_TENSORS = jsonColumn(
  'model_file.nonTensors',
  z.array(z.object({ name: z.string(), summary: z.string() })),
);

/** The globals that the pickles name. */
export const GLOBALS = jsonColumn(
  'model_file.globals',
  z.array(
    z.object({
      name: z.string(),
      class: z.enum(['allowed', 'reference-only', 'known-class', 'unknown', 'dangerous']),
      count: z.number(),
    }),
  ),
);

const keysOf = <Key extends string>(table: Readonly<Record<Key, string>>) => z.enum(Object.keys(table) as Key[]);

/** What each program reads, of a file of more than one format. */
export const READINGS = jsonColumn(
  'model_file.readings',
  z.array(
    z.object({
      loader: keysOf(LOADER_NAMES),
      format: keysOf(FORMAT_NAMES),
      verdict: z.enum(VERDICTS),
      why: z.string(),
    }),
  ),
);

const METADATA = jsonColumn(
  'model_file.metadata',
  // A record would lose an entry that is called `__proto__`.
  z.preprocess(
    (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : null),
    z.array(z.tuple([z.string(), z.string()])),
  ),
);

/** `__metadata__` of a safetensors source, by key; empty where it has none. */
export function readMetadata(value: unknown): Map<string, string> {
  return new Map(METADATA.tryRead(value));
}

/** Where in the file a finding lies. */
export const WHERE = jsonColumn(
  'finding.where',
  z.object({
    member: z.string().exactOptional(),
    pickle: z.number().exactOptional(),
    offset: z.number().exactOptional(),
    opcode: z.string().exactOptional(),
  }),
);
