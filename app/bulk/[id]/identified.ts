import { BASES, labelOf, TYPES } from '#lib/catalog/client.ts';

/** Type and base model in words: `LoRA, SDXL`. */
export function identifiedWords({ type, base }: { type: string; base: string }): string {
  if (base === 'unknown') return labelOf(TYPES, type);
  return `${type === 'unknown' ? 'Unknown type' : labelOf(TYPES, type)}, ${labelOf(BASES, base)}`;
}

/** What changes besides type and base model. */
export const OTHER_FIELDS = {
  variant: 'variant',
  family: 'family',
  prediction: 'prediction type',
  algorithm: 'algorithm',
  candidates: 'possible base models',
} as const;
