import { type LayoutTensor, layer, norm, upTo } from './types.ts';

/** Channels of the level nearest to the picture: 128 in every published one. */
const CHANNELS = 128;
const MULTIPLIERS = [1, 2, 4, 4];
const BLOCKS_PER_LEVEL = 2;
const LATENT_CHANNELS = 4;

/** The VAE that SD 1.x, SD 2.x and SDXL share in shape (`AutoencoderKL` of latent-diffusion), or a narrower one. */
export function vaeLayout(channels = CHANNELS): LayoutTensor[] {
  const widthAt = (level: number) => channels * (MULTIPLIERS[level] ?? 1);
  return [
    ...encoderLayout(widthAt),
    ...decoderLayout(widthAt),
    ...layer('quant_conv', LATENT_CHANNELS * 2, LATENT_CHANNELS * 2, 1, 1),
    ...layer('post_quant_conv', LATENT_CHANNELS, LATENT_CHANNELS, 1, 1),
  ];
}

type WidthAt = (level: number) => number;
const LAST_LEVEL = MULTIPLIERS.length - 1;

function encoderLayout(widthAt: WidthAt): LayoutTensor[] {
  const levels = upTo(MULTIPLIERS.length).flatMap((level) => {
    const name = `encoder.down.${level}`;
    const width = widthAt(level);
    return [
      ...residualLayouts(name, widthAt(Math.max(level - 1, 0)), width, BLOCKS_PER_LEVEL),
      ...(level < LAST_LEVEL ? layer(`${name}.downsample.conv`, width, width, 3, 3) : []),
    ];
  });
  return [
    ...layer('encoder.conv_in', widthAt(0), 3, 3, 3),
    ...levels,
    ...middleLayout('encoder.mid', widthAt(LAST_LEVEL)),
    ...norm('encoder.norm_out', widthAt(LAST_LEVEL)),
    // Mean and variance of every latent channel.
    ...layer('encoder.conv_out', LATENT_CHANNELS * 2, widthAt(LAST_LEVEL), 3, 3),
  ];
}

function decoderLayout(widthAt: WidthAt): LayoutTensor[] {
  const levels = upTo(MULTIPLIERS.length).flatMap((level) => {
    const name = `decoder.up.${level}`;
    const width = widthAt(level);
    return [
      ...residualLayouts(name, widthAt(Math.min(level + 1, LAST_LEVEL)), width, BLOCKS_PER_LEVEL + 1),
      ...(level > 0 ? layer(`${name}.upsample.conv`, width, width, 3, 3) : []),
    ];
  });
  return [
    ...layer('decoder.conv_in', widthAt(LAST_LEVEL), LATENT_CHANNELS, 3, 3),
    ...middleLayout('decoder.mid', widthAt(LAST_LEVEL)),
    ...levels,
    ...norm('decoder.norm_out', widthAt(0)),
    ...layer('decoder.conv_out', 3, widthAt(0), 3, 3),
  ];
}

function middleLayout(name: string, width: number): LayoutTensor[] {
  return [
    ...residualLayout(`${name}.block_1`, width, width),
    ...norm(`${name}.attn_1.norm`, width),
    ...['q', 'k', 'v', 'proj_out'].flatMap((part) => layer(`${name}.attn_1.${part}`, width, width, 1, 1)),
    ...residualLayout(`${name}.block_2`, width, width),
  ];
}

function residualLayouts(name: string, input: number, output: number, count: number): LayoutTensor[] {
  return upTo(count).flatMap((index) => residualLayout(`${name}.block.${index}`, index === 0 ? input : output, output));
}

function residualLayout(name: string, input: number, output: number): LayoutTensor[] {
  return [
    ...norm(`${name}.norm1`, input),
    ...layer(`${name}.conv1`, output, input, 3, 3),
    ...norm(`${name}.norm2`, output),
    ...layer(`${name}.conv2`, output, output, 3, 3),
    ...(input === output ? [] : layer(`${name}.nin_shortcut`, output, input, 1, 1)),
  ];
}
