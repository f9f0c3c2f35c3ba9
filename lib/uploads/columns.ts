/** The JSON column of `upload_set`. */
import { z } from 'zod';
import { jsonColumn } from '../db/index.ts';

/** Every file of a model in several. */
export const SET_FILES = jsonColumn(
  'upload_set.files',
  z.array(
    z.object({
      /** Below the model's folder, with `/`. */
      path: z.string(),
      /** Bytes. */
      size: z.number(),
      /** In whole milliseconds; absent where nobody said it. */
      modifiedAt: z.number().optional(),
    }),
  ),
);
