import { z } from 'zod';
import type { LimitChanges } from './limits.ts';
import { LimitError, parseLimitValue, setLimit } from './parse-limits.ts';
import { canonicalName, classifyGlobal } from './pickle/index.ts';
import type { Policy } from './policy/index.ts';

/** A policy that cannot be used; the message says why and where. */
export class PolicyError extends Error {
  override name = 'PolicyError';
}

const NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;
/** Findings cut longer names. */
const MAX_NAME = 150;

const dotted = z
  .string()
  .max(MAX_NAME, `A name has at most ${MAX_NAME} characters.`)
  .regex(NAME, 'Write the module and the name, as in "my_pkg.MyClass".');

const allowed = dotted.refine((name) => !isDangerous(name), {
  error: ({ input }) =>
    `${input} is dangerous, and a policy cannot allow it. Exclude such files from the scan instead.`,
});

const denied = z.string().refine((name) => NAME.test(name.endsWith('.*') ? `${name.slice(0, -1)}x` : name), {
  error: 'Write the module and the name, as in "my_pkg.MyClass", or "my_pkg.*" for all of a package.',
});

/** Whole numbers, or texts with a unit as `--limit` takes them, under the names of LIMITS. */
const limits = z.record(z.string(), z.unknown()).transform((given, context): LimitChanges => {
  const changes: LimitChanges = {};
  for (const [name, value] of flatten(given)) {
    try {
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new LimitError(`The limit ${name} must be a number, or a string such as "64MB".`);
      setLimit(changes, name, parseLimitValue(name, String(value)));
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      context.addIssue({ code: 'custom', path: name.split('.'), message: error.message });
    }
  }
  return changes;
});

/** `{ "pickle": { "opcodes": 5 } }` as `pickle.opcodes`. */
function flatten(given: Readonly<Record<string, unknown>>): [name: string, value: unknown][] {
  return Object.entries(given).flatMap(([name, value]) =>
    name === 'pickle' && typeof value === 'object' && value !== null
      ? Object.entries(value).map(([inner, count]): [string, unknown] => [`pickle.${inner}`, count])
      : [[name, value] as [string, unknown]],
  );
}

const schema = z.strictObject({
  allow: z.array(allowed).default([]),
  deny: z.array(denied).default([]),
  limits: limits.default({}),
});

/** Reads a policy file (JSON). Throws PolicyError where anything in it is not understood: nothing is passed over. */
export function parsePolicy(text: string): Policy {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PolicyError(`The policy is not JSON: ${(error as Error).message}`);
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join('.')}: ${message}`,
    );
    throw new PolicyError(`The policy is invalid.\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
  const { allow, deny, limits: changes } = result.data;
  return { allow: new Set(allow.map(canonicalName)), deny: deny.map(canonicalName), limits: changes };
}

/** Where the module ends is not written in a dotted name, so the worst reading counts. */
function isDangerous(name: string): boolean {
  const parts = name.split('.');
  return parts
    .slice(1)
    .some(
      (_, index) =>
        classifyGlobal(parts.slice(0, index + 1).join('.'), parts.slice(index + 1).join('.')).class === 'dangerous',
    );
}
