import type { z } from 'zod';
import { log } from '../log.ts';
import type { Prisma } from './generated/client.ts';
import { storable } from './storable.ts';

/** What stands in a JSON column is not what the program writes there. */
export class ColumnError extends Error {
  override name = 'ColumnError';
}

/** The same value, taken as one that nobody changes: lists that may be read are enough to be written. */
type Given<T> = T extends readonly (infer One)[]
  ? readonly Given<One>[]
  : T extends object
    ? { readonly [Key in keyof T]: Given<T[Key]> }
    : T;

/** A JSON column by its schema: rows are read through it, and what is written is of its type. */
interface JsonColumn<T> {
  /** What stands there; null where nothing does. Throws ColumnError where it is something else. */
  read(value: unknown): T | null;
  /** The same where a page had better show the rest: null too, and a line in the log, where it is something else. */
  tryRead(value: unknown): T | null;
  /** For a row, with every text such as PostgreSQL can keep. */
  write(value: Given<T>): Prisma.InputJsonValue;
}

/**
 * Describes a column, called `table.column`. The schema takes what any version of the program wrote: a key that came later
 * may be missing, and one that it does not know is left out.
 */
export function jsonColumn<Schema extends z.ZodType>(name: string, schema: Schema): JsonColumn<z.output<Schema>> {
  const parse = (value: unknown) => (value === null || value === undefined ? null : schema.safeParse(value));
  const describe = ({ issues: [first] }: z.ZodError) =>
    `The column ${name} holds something else than expected${first?.path.length ? ` at ${first.path.join('.')}` : ''}.`;
  return {
    read(value) {
      const parsed = parse(value);
      if (parsed === null) return null;
      if (!parsed.success) throw new ColumnError(describe(parsed.error), { cause: parsed.error });
      return parsed.data;
    },
    tryRead(value) {
      const parsed = parse(value);
      if (parsed?.success) return parsed.data;
      if (parsed !== null) log('db').warn(describe(parsed.error));
      return null;
    },
    // What a schema describes is JSON.
    write: (value) => storable(value) as Prisma.InputJsonValue,
  };
}
