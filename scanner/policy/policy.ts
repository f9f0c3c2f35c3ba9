import type { LimitChanges } from '../limits.ts';

/** What an operator adds to the rules. */
export interface Policy {
  /** Python objects that need no person's look, in one spelling (`canonicalName`). */
  allow: ReadonlySet<string>;
  /** Python objects that make a file dangerous; one that ends in `.*` stands for all below it. */
  deny: readonly string[];
  limits: LimitChanges;
}
