import type { KeyIndex } from './key-index.ts';
import type { LoraModule } from './lora-modules.ts';
import type { LoraSummary } from './types.ts';

/** More scalars than this are not read: every LoRA has one `alpha` for all its layers, or a few. */
const MAX_ALPHAS = 16;

/** Counts what a LoRA changes, by algorithm and by network, and with which ranks. */
export function summariseLora(
  modules: readonly LoraModule[],
  keys: KeyIndex,
  readTensor?: (name: string) => Float32Array | null,
): LoraSummary {
  const ranks = modules.flatMap(({ rank }) => (rank === undefined ? [] : [rank]));
  return {
    modules: modules.length,
    ranks: [...new Set(ranks)].sort((a, b) => a - b),
    alphas: readAlphas(modules, keys, readTensor),
    algorithms: count(modules.map(({ algorithm }) => algorithm)),
    parts: count(modules.map(({ part }) => part)),
    decomposed: modules.filter(({ decomposed }) => decomposed).length,
    convolutions: modules.filter(({ convolution }) => convolution).length,
  };
}

function readAlphas(
  modules: readonly LoraModule[],
  keys: KeyIndex,
  readTensor: ((name: string) => Float32Array | null) | undefined,
): number[] {
  if (readTensor === undefined) return [];
  const named = modules.map(({ name }) => `${name}.alpha`).filter((name) => keys.has(name));
  const step = Math.max(1, Math.floor(named.length / MAX_ALPHAS));
  const alphas = new Set<number>();
  for (let i = 0; i < named.length; i += step) {
    const [alpha] = readTensor(named[i] ?? '') ?? [];
    if (alpha !== undefined) alphas.add(alpha);
  }
  return [...alphas].sort((a, b) => a - b);
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
