import { z } from 'zod';

const ERROR_ANSWER = z.object({ error: z.object({ message: z.string() }) });

/** The sentence in an error answer of the service, from its body; null where the body is something else. */
export function errorMessageOf(body: string): string | null {
  try {
    return ERROR_ANSWER.safeParse(JSON.parse(body)).data?.error.message ?? null;
  } catch {
    return null;
  }
}
