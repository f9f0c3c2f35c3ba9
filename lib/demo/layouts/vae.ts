import { type LayoutTensor, layer, norm, upTo } from './types.ts';

const CHANNELS = 128;
const MULTIPLIERS = [1, 2, 4, 4];
const BLOCKS_PER_LEVEL = 2;
const LATENT_CHANNELS = 4;

/** The VAE that SD 1.x, SD 2.x and SDXL share in shape (`AutoencoderKL` of latent-diffusion). */
export function layVae(): LayoutTensor[] {
  return [
    ...layEncoder(),
    ...layDecoder(),
    ...layer('quant_conv', LATENT_CHANNELS * 2, LATENT_CHANNELS * 2, 1, 1),
    ...layer('post_quant_conv', LATENT_CHANNELS, LATENT_CHANNELS, 1, 1),
  ];
}

const widthAt = (level: number) => CHANNELS * (MULTIPLIERS[level] ?? 1);
const LAST_LEVEL = MULTIPLIERS.length - 1;

function layEncoder(): LayoutTensor[] {
  const levels = upTo(MULTIPLIERS.length).flatMap((level) => {
    const name = `encoder.down.${level}`;
    const width = widthAt(level);
    return [
      ...layResiduals(name, level === 0 ? CHANNELS : widthAt(level - 1), width, BLOCKS_PER_LEVEL),
      ...(level < LAST_LEVEL ? layer(`${name}.downsample.conv`, width, width, 3, 3) : []),
    ];
  });
  return [
    ...layer('encoder.conv_in', CHANNELS, 3, 3, 3),
    ...levels,
    ...layMiddle('encoder.mid'),
    ...norm('encoder.norm_out', widthAt(LAST_LEVEL)),
    // Mean and variance of every latent channel.
    ...layer('encoder.conv_out', LATENT_CHANNELS * 2, widthAt(LAST_LEVEL), 3, 3),
  ];
}

function layDecoder(): LayoutTensor[] {
  const levels = upTo(MULTIPLIERS.length).flatMap((level) => {
    const name = `decoder.up.${level}`;
    const width = widthAt(level);
    return [
      ...layResiduals(name, widthAt(Math.min(level + 1, LAST_LEVEL)), width, BLOCKS_PER_LEVEL + 1),
      ...(level > 0 ? layer(`${name}.upsample.conv`, width, width, 3, 3) : []),
    ];
  });
  return [
    ...layer('decoder.conv_in', widthAt(LAST_LEVEL), LATENT_CHANNELS, 3, 3),
    ...layMiddle('decoder.mid'),
    ...levels,
    ...norm('decoder.norm_out', CHANNELS),
    ...layer('decoder.conv_out', 3, CHANNELS, 3, 3),
  ];
}

function layMiddle(name: string): LayoutTensor[] {
  const width = widthAt(LAST_LEVEL);
  return [
    ...layResidual(`${name}.block_1`, width, width),
    ...norm(`${name}.attn_1.norm`, width),
    ...['q', 'k', 'v', 'proj_out'].flatMap((part) => layer(`${name}.attn_1.${part}`, width, width, 1, 1)),
    ...layResidual(`${name}.block_2`, width, width),
  ];
}

function layResiduals(name: string, input: number, output: number, count: number): LayoutTensor[] {
  return upTo(count).flatMap((index) => layResidual(`${name}.block.${index}`, index === 0 ? input : output, output));
}

function layResidual(name: string, input: number, output: number): LayoutTensor[] {
  return [
    ...norm(`${name}.norm1`, input),
    ...layer(`${name}.conv1`, output, input, 3, 3),
    ...norm(`${name}.norm2`, output),
    ...layer(`${name}.conv2`, output, output, 3, 3),
    ...(input === output ? [] : layer(`${name}.nin_shortcut`, output, input, 1, 1)),
  ];
}
