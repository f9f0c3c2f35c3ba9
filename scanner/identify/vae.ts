import type { KnownBase } from '../bases/index.ts';
import { type KeyIndex, type KeyRow, matchRow } from './key-index.ts';

/** A VAE; `shared` names the bases that have VAEs of the same shapes, where the base stays open for that. */
interface VaeRow extends KeyRow {
  shared?: string;
}

const SD = 'SD 1.x, SD 2.x and SDXL';
const SIXTEEN = 'FLUX.1, SD 3 and others';
const LTX = 'decoder.up_blocks.0.res_blocks.0.conv1.conv.weight';

/** VAEs by their keys, and those of pictures by the channels of their latent space. */
export const VAE_ROWS: readonly VaeRow[] = [
  { base: 'unknown', variant: 'taesd', all: [['taesd_decoder.1.weight', 1, 16]], shared: SIXTEEN },
  { base: 'unknown', variant: 'taesd', all: ['taesd_decoder.1.weight'], shared: SD },
  { base: 'unknown', variant: 'taesd', all: [['1.weight', 1, 16], '3.conv.0.weight'], shared: SIXTEEN },
  { base: 'unknown', variant: 'taesd', all: [['1.weight', 1, 4], '3.conv.0.weight'], shared: SD },
  { base: 'stable-cascade', variant: 'stage-a', all: ['vquantizer.codebook.weight'] },
  { base: 'mochi', all: ['blocks.2.blocks.3.stack.5.weight'] },
  { base: 'cosmos', all: ['decoder.unpatcher3d._arange'] },
  { base: 'svd', variant: 'temporal-decoder', all: ['decoder.mid.block_1.mix_factor'] },
  { base: 'hunyuan-video', all: ['decoder.conv_in.conv.weight', 'decoder.mid.attn_1.k.bias'] },
  { base: 'ltx-video', variant: '0.9.5', all: [[LTX, 0, 1024], 'encoder.down_blocks.1.conv.conv.bias'] },
  { base: 'ltx-video', variant: '0.9.1', all: [[LTX, 0, 1024]] },
  { base: 'ltx-video', variant: '0.9.0', all: [[LTX, 0, 512]] },
  { base: 'ltx-video', all: [LTX] },
  { base: 'wan', variant: '2.2', all: ['decoder.upsamples.0.upsamples.0.residual.2.weight'] },
  { base: 'unknown', all: ['decoder.middle.0.residual.0.gamma'], shared: 'Wan 2.1 and Qwen-Image' },
  { base: 'flux2', all: [['decoder.conv_in.weight', 1, 32], 'bn.running_mean'] },
  { base: 'hunyuan-image', variant: 'refiner', all: [['decoder.conv_in.weight', 1, 32]] },
  { base: 'hunyuan-image', all: [['decoder.conv_in.weight', 1, 64]] },
  { base: 'unknown', all: [['decoder.conv_in.weight', 1, 16]], shared: SIXTEEN },
  { base: 'unknown', all: [['decoder.conv_in.weight', 1, 4], 'decoder.mid.block_1.norm1.weight'], shared: SD },
  {
    base: 'unknown',
    all: [['decoder.conv_in.weight', 1, 4], 'decoder.up_blocks.0.resnets.0.norm1.weight'],
    shared: SD,
  },
];

export interface VaeMatch {
  prefix: string;
  base: KnownBase;
  variant: string | null;
  /** Bases whose VAEs have the same shapes; null where the base is told. */
  shared: string | null;
  evidence: string[];
}

const PREFIXES = ['first_stage_model.', 'vae.', ''];

export function findVae(keys: KeyIndex): VaeMatch | undefined {
  for (const prefix of PREFIXES) {
    if (prefix !== '' && keys.count(prefix) === 0) continue;
    const inner = keys.under(prefix);
    const match = matchRow(VAE_ROWS, inner);
    if (match !== undefined) {
      return {
        prefix,
        base: match.row.base,
        variant: match.row.variant ?? null,
        shared: match.row.shared ?? null,
        evidence: match.evidence.map((text) => prefix + text),
      };
    }
  }
  return undefined;
}
