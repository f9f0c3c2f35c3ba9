import { type Identity, identifyFile } from '#scanner/identify/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { RenderError } from '../types.ts';
import { TensorReader, type WeightFile } from '../weights/index.ts';
import type { Level, MiddleBlock, Unet } from './architecture.ts';
import { findNetwork } from './find-network.ts';
import { readPrediction } from './prediction.ts';
import { type BlockContext, countParts, readResidual, readTransformer } from './read-blocks.ts';
import { refuseUnsupported } from './refusals.ts';

/**
 * Reads the denoising network of a checkpoint, in the naming of original checkpoints or of diffusers, off names and
 * shapes. Throws RenderError: `unsupported_architecture` for what the engine does not render, `load_mismatch` where
 * tensors are missing or have shapes that do not fit.
 */
export function readUnet(file: WeightFile): Unet {
  using source = openFileSource(file.path);
  const identity = identifyFile(source);
  const found = findNetwork(file);
  refuseUnsupported(identity, found);
  assertListed(identity);
  const network = new TensorReader(found, '');

  const channels = network.side('conv_in.weight', 0);
  const vectorWidth = network.side('add_embedding.linear_1.weight', 1) || null;
  const context: BlockContext = {
    timeWidth: network.side('time_embedding.linear_1.weight', 0),
    contextWidth: findContextWidth(found),
    hasVector: vectorWidth !== null,
  };
  const { timeWidth, contextWidth } = context;
  const embedding = (name: string, width: number) => ({
    first: network.layer(`${name}.linear_1`, [timeWidth, width]),
    second: network.layer(`${name}.linear_2`, [timeWidth, timeWidth]),
  });
  const unet = {
    file,
    channels,
    contextWidth,
    vectorWidth,
    ...readPrediction(identity, file),
    time: embedding('time_embedding', channels),
    vector: vectorWidth === null ? null : embedding('add_embedding', vectorWidth),
    input: network.layer('conv_in', [channels, 4, 3, 3]),
    ...readLevels(network, channels, context),
    outputNorm: network.layer('conv_norm_out', [channels]),
    output: network.layer('conv_out', [4, channels, 3, 3]),
  };
  network.finish('diffusion model');
  return unet;
}

/** Names what a network of a known base lacks by the file's own names, and whole blocks too. Variants have fewer blocks. */
function assertListed({ variant, missingTensors: { count, names } }: Identity): void {
  if (variant !== null || count === 0) return;
  const quoted = names.slice(0, 3).map((name) => `"${name}"`);
  const rest = count - quoted.length;
  const list = quoted.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  throw new RenderError(
    'load_mismatch',
    `The diffusion model is missing ${count} tensor${count > 1 ? 's' : ''}: ${list}.`,
  );
}

/** Any block with attention tells it. */
function findContextWidth({ tensors }: WeightFile): number {
  for (const [name, { shape }] of tensors) if (name.endsWith('.attn2.to_k.weight')) return shape[1] ?? 0;
  return 0;
}

/** Every level on the way up has one residual block more than the one on the way down, for each picture kept there. */
function readLevels(
  network: TensorReader,
  channels: number,
  context: BlockContext,
): Pick<Unet, 'down' | 'middle' | 'up'> {
  const levels = Math.max(countParts(network, 'down_blocks.'), countParts(network, 'up_blocks.'));
  const skips = [channels];
  let width = channels;

  const down = Array.from({ length: levels }, (_, level): Level => {
    const { steps, hasAttention } = measureLevel(network, level, levels);
    const block = `down_blocks.${level}`;
    const list = Array.from({ length: steps }, (_, index) => {
      const residual = readResidual(network, `${block}.resnets.${index}`, width, context);
      width = residual.output;
      skips.push(width);
      const name = `${block}.attentions.${index}`;
      return { residual, attention: hasAttention ? readTransformer(network, name, width, context) : null };
    });
    if (level === levels - 1) return { steps: list, resample: null };
    skips.push(width);
    return { steps: list, resample: network.layer(`${block}.downsamplers.0.conv`, [width, width, 3, 3]) };
  });

  const middle = readMiddle(network, width, context);

  const up = Array.from({ length: levels }, (_, fromEnd): Level => {
    const { steps, hasAttention } = measureLevel(network, levels - 1 - fromEnd, levels);
    const block = `up_blocks.${fromEnd}`;
    const list = Array.from({ length: steps + 1 }, (_, index) => {
      const input = width + (skips.pop() ?? 0);
      const residual = readResidual(network, `${block}.resnets.${index}`, input, context);
      width = residual.output;
      const name = `${block}.attentions.${index}`;
      return { residual, attention: hasAttention ? readTransformer(network, name, width, context) : null };
    });
    const resample = fromEnd === levels - 1 ? null : network.layer(`${block}.upsamplers.0.conv`, [width, width, 3, 3]);
    return { steps: list, resample };
  });
  return { down, middle, up };
}

/** What either way has counts for both: what the other lacks is missing there. */
function measureLevel(network: TensorReader, level: number, levels: number) {
  const down = `down_blocks.${level}`;
  const up = `up_blocks.${levels - 1 - level}`;
  return {
    steps: Math.max(countParts(network, `${down}.resnets.`), countParts(network, `${up}.resnets.`) - 1),
    hasAttention: countParts(network, `${down}.attentions.`) + countParts(network, `${up}.attentions.`) > 0,
  };
}

/** Distilled networks do without it, or without its attention. */
function readMiddle(network: TensorReader, width: number, context: BlockContext): MiddleBlock | null {
  const attentions = countParts(network, 'mid_block.attentions.');
  const residuals = Math.max(countParts(network, 'mid_block.resnets.'), attentions > 0 ? attentions + 1 : 0);
  if (residuals === 0) return null;
  return {
    residuals: Array.from({ length: residuals }, (_, index) =>
      readResidual(network, `mid_block.resnets.${index}`, width, context),
    ),
    attentions: Array.from({ length: attentions }, (_, index) =>
      readTransformer(network, `mid_block.attentions.${index}`, width, context),
    ),
  };
}
