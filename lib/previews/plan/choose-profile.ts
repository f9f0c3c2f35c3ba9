import { baseRecord } from '#scanner/bases/index.ts';
import type { PreviewSubject } from './preview-plan.ts';

/** Families that are rendered alike. */
const FAMILY_PROFILES: Readonly<Record<string, string>> = {
  pony: 'pony',
  illustrious: 'illustrious',
  noobai: 'illustrious',
  animagine: 'illustrious',
};

/** Distilled models look like any other by their weights; people say it in the name, also run together: `XLTurbo`. */
const DISTILLED: readonly [RegExp, string][] = [
  [/(?:(?:^|[^A-Za-z])turbo|Turbo|TURBO)(?![a-z])/, 'turbo'],
  [/(?:^|[^A-Za-z])lcm(?![a-z])/i, 'lcm'],
  [/(?:(?:^|[^A-Za-z])lightning|Lightning|LIGHTNING)(?![a-z])/, 'lightning'],
  [/(?:^|[^A-Za-z])(?:hyper|dmd2?)(?![A-Za-z])/i, 'lightning'],
];
/** A LoRA of lightning renders lightning; one that makes rendering fast says in how many steps. */
const STEPS = /\d.?steps?|(?:^|[^A-Za-z])lcm/i;

/**
 * Ids of the profiles that a model may be rendered by, the most fitting first: those of its variant, of what its name
 * says of fast rendering, of its family, of its base, and the one for all later bases.
 */
export function listProfileIds(subject: PreviewSubject): string[] {
  const { base, variant, family } = subject;
  const kinds = [variant, distillationOf(subject), family === null ? null : (FAMILY_PROFILES[family] ?? family)];
  return [
    ...kinds.flatMap((kind) => (kind === null ? [] : [`${base}-${kind}`])),
    baseRecord(base)?.profile ?? 'modern',
    'modern',
  ];
}

/** `turbo`, `lcm` or `lightning` where a name says so; null otherwise. */
export function distillationOf({ name, type }: PreviewSubject): string | null {
  if (type !== 'checkpoint' && !STEPS.test(name)) return null;
  return DISTILLED.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
