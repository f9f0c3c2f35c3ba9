import { baseRecord } from '../bases/index.ts';
import type { KeyIndex } from './key-index.ts';

/** A tensor of a numbered block: `double_blocks.7.img_attn.qkv.weight`. */
const BLOCK = /^([a-z_]+)\.(\d+)\.(.+)$/;
/** Fewer blocks show no rule. */
const MIN_BLOCKS = 4;
/** More blocks than any network has: a number far beyond would make a list without end. */
const MAX_BLOCKS = 1000;

/**
 * Names that the blocks of a transformer lack, found from the other blocks of their kind: what more than half of them have,
 * all should have. `isBeside` says which tensors come with some layers alone. Empty for bases with blocks of several kinds.
 */
export function findGaps(network: KeyIndex, base: string, isBeside: (name: string) => boolean): string[] {
  // Their makers' code lays such blocks out in a loop. SD 3's last block has less, HunyuanDiT's second half has more.
  if (baseRecord(base)?.network.regular !== true) return [];
  const kinds = new Map<string, { blocks: Set<number>; parts: Map<string, Set<number>> }>();
  for (const name of network.names) {
    const [, stem, number, part] = BLOCK.exec(name) ?? [];
    const block = Number(number);
    if (stem === undefined || part === undefined || block >= MAX_BLOCKS || isBeside(name)) continue;
    const kind = kinds.get(stem) ?? { blocks: new Set(), parts: new Map() };
    kinds.set(stem, kind);
    kind.blocks.add(block);
    const owners = kind.parts.get(part) ?? new Set();
    kind.parts.set(part, owners.add(block));
  }

  const gaps: string[] = [];
  for (const [stem, { blocks, parts }] of kinds) {
    if (blocks.size < MIN_BLOCKS) continue;
    const last = Math.max(...blocks);
    for (const [part, owners] of parts) {
      if (owners.size * 2 <= blocks.size) continue;
      for (let block = 0; block <= last; block += 1) if (!owners.has(block)) gaps.push(`${stem}.${block}.${part}`);
    }
  }
  return gaps;
}
