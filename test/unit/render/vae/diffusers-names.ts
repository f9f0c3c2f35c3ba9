const LEVELS = 4;

/** The name that diffusers has for a tensor of latent-diffusion's VAE: the goldens' `load_state_dict` proves the names. */
export function renameVae(name: string): string {
  return name
    .replace(/^decoder\.up\.(\d)\./, (_, level: string) => `decoder.up_blocks.${LEVELS - 1 - Number(level)}.`)
    .replace(/^encoder\.down\./, 'encoder.down_blocks.')
    .replace(/\.block\.(\d)\./, '.resnets.$1.')
    .replace(/\.(up|down)sample\.conv\./, '.$1samplers.0.conv.')
    .replace(/\.mid\.block_(\d)\./, (_, block: string) => `.mid_block.resnets.${Number(block) - 1}.`)
    .replace('.nin_shortcut.', '.conv_shortcut.')
    .replace('.norm_out.', '.conv_norm_out.')
    .replace('.mid.attn_1.norm.', '.mid_block.attentions.0.group_norm.')
    .replace(/\.mid\.attn_1\.([qkv])\./, '.mid_block.attentions.0.to_$1.')
    .replace('.mid.attn_1.proj_out.', '.mid_block.attentions.0.to_out.0.');
}
