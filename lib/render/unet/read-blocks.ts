import type { TensorReader } from '../weights/index.ts';
import type { Residual, SpatialTransformer, TransformerBlock } from './architecture.ts';

/** Widths that all blocks share. */
export interface BlockContext {
  /** Of the embedded timestep. */
  timeWidth: number;
  contextWidth: number;
  /** As SDXL has it. */
  hasVector: boolean;
}

/** SD 1.x has this many heads whatever the width… */
const OLD_HEADS = 8;
/** …and its successors heads of this width, however many (`num_head_channels` of their configurations). */
const HEAD_SIZE = 64;

/** More than any network has in a list: names from a file must not make a loop of millions. */
const MOST_PARTS = 24;

/** How many numbered parts there are behind `stem`, which ends with a dot. */
export function countParts(network: TensorReader, stem: string): number {
  return Math.min(network.count(stem), MOST_PARTS);
}

/** Reads the residual block `name`, which takes `input` channels. */
export function readResidual(
  network: TensorReader,
  name: string,
  input: number,
  { timeWidth }: BlockContext,
): Residual {
  const output = network.side(`${name}.conv1.weight`, 0) || input;
  return {
    output,
    norm1: network.layer(`${name}.norm1`, [input]),
    conv1: network.layer(`${name}.conv1`, [output, input, 3, 3]),
    time: network.layer(`${name}.time_emb_proj`, [output, timeWidth]),
    norm2: network.layer(`${name}.norm2`, [output]),
    conv2: network.layer(`${name}.conv2`, [output, output, 3, 3]),
    shortcut: input === output ? null : network.layer(`${name}.conv_shortcut`, [output, input, 1, 1]),
  };
}

/** Reads the attention `name` over a picture of `channels`. */
export function readTransformer(
  network: TensorReader,
  name: string,
  channels: number,
  context: BlockContext,
): SpatialTransformer {
  const isConvolution = network.side(`${name}.proj_in.weight`, 3) === 1;
  const projection = isConvolution ? [channels, channels, 1, 1] : [channels, channels];
  const depth = Math.max(1, countParts(network, `${name}.transformer_blocks.`));
  return {
    channels,
    heads: isConvolution ? OLD_HEADS : Math.max(1, Math.floor(channels / HEAD_SIZE)),
    // SD 2.x, as `upcast_attention` in the configuration of 2.1 says.
    wide: !isConvolution && !context.hasVector,
    norm: network.layer(`${name}.norm`, [channels]),
    projectIn: network.layer(`${name}.proj_in`, projection),
    blocks: Array.from({ length: depth }, (_, index) =>
      readBlock(network, `${name}.transformer_blocks.${index}`, channels, context),
    ),
    projectOut: network.layer(`${name}.proj_out`, projection),
  };
}

function readBlock(
  network: TensorReader,
  name: string,
  channels: number,
  { contextWidth }: BlockContext,
): TransformerBlock {
  const attention = (path: string, width: number) => ({
    q: { weight: network.take(`${path}.to_q.weight`, [channels, channels]) },
    k: { weight: network.take(`${path}.to_k.weight`, [channels, width]) },
    v: { weight: network.take(`${path}.to_v.weight`, [channels, width]) },
    out: network.layer(`${path}.to_out.0`, [channels, channels]),
  });
  const wide = 4 * channels;
  return {
    norm1: network.layer(`${name}.norm1`, [channels]),
    self: attention(`${name}.attn1`, channels),
    norm2: network.layer(`${name}.norm2`, [channels]),
    cross: attention(`${name}.attn2`, contextWidth),
    norm3: network.layer(`${name}.norm3`, [channels]),
    widen: network.layer(`${name}.ff.net.0.proj`, [2 * wide, channels]),
    narrow: network.layer(`${name}.ff.net.2`, [channels, wide]),
  };
}
