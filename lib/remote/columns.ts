/** The JSON columns of `remote_import` and `remote_file`. */
import { z } from 'zod';
import { jsonColumn } from '../db/index.ts';

/** What a source says of its model. */
export const DETAILS = jsonColumn(
  'remote_import.details',
  z.object({
    site: z.enum(['huggingface', 'civitai']).nullable(),
    name: z.string().nullable(),
    version: z.string().nullable(),
    /** Markdown. */
    description: z.string(),
    tags: z.array(z.string()),
    licence: z.string().nullable(),
    /** The page of the model, for people. */
    page: z.string().nullable(),
    pictures: z.array(z.object({ url: z.string(), nsfw: z.boolean() })),
    /** What is kept beside each file, by its ending: what identification and pages read of base model and trigger words. */
    companion: z.object({ ending: z.enum(['.civitai.info', '.json']), text: z.string() }).nullable(),
  }),
);

/** Digests of a file in lower-case hex, by name. */
export const FILE_DIGESTS = jsonColumn(
  'remote_file.digests',
  z.partialRecord(z.enum(['sha256', 'blake3', 'autov2', 'crc32']), z.string()),
);

const COMPANION_FILES = z.array(z.object({ url: z.string(), filename: z.string() }));

/** What lies beside a file at its source and belongs to its model. */
export const FILE_COMPANIONS = jsonColumn('remote_file.companions', COMPANION_FILES);
