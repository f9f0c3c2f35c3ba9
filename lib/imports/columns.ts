/** The JSON columns of `import` and `import_entry`. */
import { z } from 'zod';
import { jsonColumn } from '../db/index.ts';

/** Paths of all files, of a model in several. */
const MODEL = { layout: z.enum(['shards', 'diffusers']).optional(), parts: z.array(z.string()).optional() };

/** The JSON column of `import`: what the last search found, in models. */
export const CHANGES = jsonColumn(
  'import.changes',
  z.object({ added: z.int(), changed: z.int(), moved: z.int(), vanished: z.int() }),
);

/** Paths of the files beside a model, as those of models. */
export const COMPANIONS = jsonColumn(
  'import_entry.companions',
  z.object({ sidecars: z.array(z.string()), previews: z.array(z.string()), ...MODEL }),
);
