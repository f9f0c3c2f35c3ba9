import { z } from 'zod';
import { DEFAULT_SCAN_LIMITS, type ScanLimits } from '../inspect/index.ts';
import { canonicalName, classifyGlobal, type PickleLimits } from '../pickle/index.ts';

/** What an operator adds to the rules. */
export interface Policy {
  /** Python objects that need no person's look, in one spelling (`canonicalName`). */
  allow: ReadonlySet<string>;
  /** Python objects that make a file dangerous; one that ends in `.*` stands for all below it. */
  deny: readonly string[];
  limits: Partial<Omit<ScanLimits, 'pickle'>> & { pickle?: Partial<PickleLimits> };
}

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
  error: ({ input }) => `The rules call ${input} dangerous, and no policy can allow that. Scan such files without it.`,
});

const denied = z.string().refine((name) => NAME.test(name.endsWith('.*') ? `${name.slice(0, -1)}x` : name), {
  error: 'Write the module and the name, as in "my_pkg.MyClass", or "my_pkg.*" for all of a package.',
});

/** One optional count for each limit that there is. */
function limitsOf(defaults: object): Record<string, z.ZodType> {
  const counts = Object.entries(defaults).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(counts.map(([name]) => [name, z.int().positive().optional()]));
}

const schema = z.strictObject({
  allow: z.array(allowed).default([]),
  deny: z.array(denied).default([]),
  limits: z
    .strictObject({
      ...limitsOf(DEFAULT_SCAN_LIMITS),
      pickle: z.strictObject(limitsOf(DEFAULT_SCAN_LIMITS.pickle)).optional(),
    })
    .default({}),
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
    throw new PolicyError(`The policy cannot be used.\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
  const { allow, deny, limits } = result.data;
  return {
    allow: new Set(allow.map(canonicalName)),
    deny: deny.map(canonicalName),
    limits: limits as Policy['limits'],
  };
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
