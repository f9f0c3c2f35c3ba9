import type { PreviewSubject } from './plan.ts';

/** Families that are drawn alike. */
const FAMILY_PROFILES: Readonly<Record<string, string>> = {
  pony: 'pony',
  illustrious: 'illustrious',
  noobai: 'illustrious',
  animagine: 'illustrious',
};

/** Distilled models look like any other by their weights; people say it in the name. */
const DISTILLED: readonly [RegExp, string][] = [
  [/(?:^|[^a-z])turbo(?:[^a-z]|$)/i, 'turbo'],
  [/(?:^|[^a-z])lcm(?:[^a-z]|$)/i, 'lcm'],
  [/(?:^|[^a-z])(?:lightning|hyper|dmd2?)(?:[^a-z]|$)/i, 'lightning'],
];

/**
 * Ids of the profiles that a model may be drawn by, the most fitting first: those of its variant, of what its name says
 * of fast drawing, of its family, of its base, and the one for all later bases.
 */
export function listProfileIds({ base, variant, family, name }: PreviewSubject): string[] {
  const kinds = [variant, distillationOf(name), family === null ? null : (FAMILY_PROFILES[family] ?? family)];
  return [...kinds.flatMap((kind) => (kind === null ? [] : [`${base}-${kind}`])), base, 'modern'];
}

/** `turbo`, `lcm` or `lightning` where a name says so; null otherwise. */
export function distillationOf(name: string): string | null {
  return DISTILLED.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
