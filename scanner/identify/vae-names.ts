/** How one program names the parts of a VAE's half. `level` counts as that program does. */
export interface VaeNames {
  levels: string;
  residual(level: number, index: number): string;
  residuals(level: number): string;
  resample(level: number): string;
  shortcut: string;
  middle: readonly [string, string];
  attention: string;
  attentionNorm: string;
  /** Queries, keys, values and what follows. */
  projections: readonly [string, string, string, string];
  outputNorm: string;
  /** Whether the decoder's levels are counted from the picture, and so are gone through from the highest to the first. */
  backwards: boolean;
}

export type VaeHalfName = 'encoder' | 'decoder';

/** The names of latent-diffusion. */
export function originalVaeNames(half: VaeHalfName): VaeNames {
  const stem = half === 'encoder' ? 'encoder.down.' : 'decoder.up.';
  return {
    levels: stem,
    residual: (level, index) => `${stem}${level}.block.${index}`,
    residuals: (level) => `${stem}${level}.block.`,
    resample: (level) => `${stem}${level}.${half === 'encoder' ? 'downsample' : 'upsample'}.conv`,
    shortcut: 'nin_shortcut',
    middle: [`${half}.mid.block_1`, `${half}.mid.block_2`],
    attention: `${half}.mid.attn_1`,
    attentionNorm: 'norm',
    projections: ['q', 'k', 'v', 'proj_out'],
    outputNorm: `${half}.norm_out`,
    backwards: half === 'decoder',
  };
}

/** The names of diffusers: its attention has others since version 0.15. `has` tells which names the VAE has. */
export function diffusersVaeNames(half: VaeHalfName, has: (name: string) => boolean): VaeNames {
  const stem = half === 'encoder' ? 'encoder.down_blocks.' : 'decoder.up_blocks.';
  const attention = `${half}.mid_block.attentions.0`;
  return {
    levels: stem,
    residual: (level, index) => `${stem}${level}.resnets.${index}`,
    residuals: (level) => `${stem}${level}.resnets.`,
    resample: (level) => `${stem}${level}.${half === 'encoder' ? 'downsamplers' : 'upsamplers'}.0.conv`,
    shortcut: 'conv_shortcut',
    middle: [`${half}.mid_block.resnets.0`, `${half}.mid_block.resnets.1`],
    attention,
    attentionNorm: 'group_norm',
    projections: has(`${attention}.query.weight`)
      ? ['query', 'key', 'value', 'proj_attn']
      : ['to_q', 'to_k', 'to_v', 'to_out.0'],
    outputNorm: `${half}.conv_norm_out`,
    backwards: false,
  };
}
