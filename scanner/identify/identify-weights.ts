import type { TensorTable } from '../tensors/index.ts';
import { findBackbone } from './backbone.ts';
import { createIdentity, isWholeModel } from './create-identity.ts';
import { describeNetworks } from './describe-networks.ts';
import { matchSmall } from './embedding.ts';
import { identifyByRules } from './identify-by-rules.ts';
import type { KeyIndex } from './key-index.ts';
import { matchNetworks, type NetworkMatch } from './match-networks.ts';
import { matchUpscaler } from './match-upscaler.ts';
import type { Evidence, IdentifyHints, Identity } from './types.ts';
import { doubt, mainOf } from './weigh-networks.ts';

/** Networks that stand beside the backbone of a checkpoint. */
const CHECKPOINT_PARTS: readonly NetworkMatch['template']['part'][] = ['text-encoder', 'image-encoder', 'vae'];

/** Special files before the backbones whose keys they contain, backbones before the adapters whose leftovers they carry. */
export function identifyWeights(keys: KeyIndex, table: TensorTable, hints: IdentifyHints): Identity {
  const small = matchSmall(keys, table);
  if (small !== undefined) return createIdentity(small);
  const ruled = identifyByRules(keys, table, hints);
  // An adapter's layers are weighed with their widths, which its tensors do not show one by one.
  if (ruled.type === 'lora') return ruled;
  const matches = matchNetworks(keys);
  const main = mainOf(matches);
  // The parts of a checkpoint that are known say nothing of a backbone beside them that is not.
  const isCheckpointPart = main !== undefined && CHECKPOINT_PARTS.includes(main.template.part);
  const isOpen = main === undefined && (ruled.type === 'unknown' || ruled.type === 'upscaler');
  const upscaler = isOpen ? matchUpscaler(keys) : undefined;
  if (upscaler !== undefined) {
    const evidence: Evidence = { field: 'type', source: 'weights', detail: upscaler.evidence };
    const variant = upscaler.network ?? ruled.variant;
    return createIdentity({ type: 'upscaler', variant, confidence: 'high', evidence: [evidence] });
  }
  if (main === undefined || (isCheckpointPart && isWholeModel(ruled))) {
    const prefix = findBackbone(keys)?.prefix ?? '';
    return { ...ruled, confidence: doubt(ruled, keys, prefix) };
  }
  return describeNetworks(main, { ruled, matches, keys, table, hints });
}
