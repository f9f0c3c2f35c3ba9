import { type KeyIndex, type KeyRow, matchRow } from './key-index.ts';

/**
 * VAEs by the channels of their latent space. Four channels are SD 1.x, 2.x and SDXL alike: their shapes are the same,
 * so the base stays open. Sixteen without `quant_conv` are FLUX.1, SD 3 and others.
 */
const VAE_ROWS: readonly KeyRow[] = [
  { base: 'unknown', variant: 'taesd', all: ['taesd_decoder.1.weight'] },
  { base: 'stable-cascade', variant: 'stage-a', all: ['vquantizer.codebook.weight'] },
  { base: 'svd', variant: 'temporal-decoder', all: ['decoder.mid.block_1.mix_factor'] },
  { base: 'hunyuan-video', all: ['decoder.conv_in.conv.weight', 'decoder.mid.attn_1.k.bias'] },
  { base: 'ltx-video', all: ['decoder.up_blocks.0.res_blocks.0.conv1.conv.weight'] },
  { base: 'wan', variant: '2.2', all: ['decoder.upsamples.0.upsamples.0.residual.2.weight'] },
  { base: 'wan', all: ['decoder.middle.0.residual.0.gamma'] },
  { base: 'flux2', all: [['decoder.conv_in.weight', 1, 32], 'bn.running_mean'] },
  { base: 'hunyuan-image', all: [['decoder.conv_in.weight', 1, 64]] },
  { base: 'unknown', all: [['decoder.conv_in.weight', 1, 16]] },
  { base: 'unknown', all: [['decoder.conv_in.weight', 1, 4], 'decoder.mid.block_1.norm1.weight'] },
  { base: 'unknown', all: [['decoder.conv_in.weight', 1, 4], 'decoder.up_blocks.0.resnets.0.norm1.weight'] },
];

export interface VaeMatch {
  prefix: string;
  base: string;
  variant: string | null;
  /** Channels of the latent space, where an image VAE says so. */
  latentChannels: number | undefined;
  cited: string[];
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
        latentChannels: inner.side('decoder.conv_in.weight', 1),
        cited: match.cited.map((text) => prefix + text),
      };
    }
  }
  return undefined;
}
