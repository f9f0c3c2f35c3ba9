import type { VaeNames } from '#scanner/identify/index.ts';
import type { TensorReader } from '../weights/index.ts';
import type { VaeHalf, VaeLevel, VaeMiddle, VaeResidual } from './types.ts';

/** Channels of a picture. */
export const COLOURS = 3;

/** Reads the decoder: from the latent over the middle to the picture. */
export function readDecoderHalf(reader: TensorReader, names: VaeNames): VaeHalf {
  const width = reader.side('decoder.conv_in.weight', 0);
  const latentChannels = reader.side('decoder.conv_in.weight', 1);
  const { levels, channels } = readLevels(reader, names, width);
  return {
    width,
    latentChannels,
    input: reader.layer('decoder.conv_in', [width, latentChannels, 3, 3]),
    middle: readMiddle(reader, names, width),
    levels,
    outputNorm: reader.layer(names.outputNorm, [channels]),
    output: reader.layer('decoder.conv_out', [COLOURS, channels, 3, 3]),
  };
}

/** Reads the encoder: from the picture over the middle to mean and variance of the latent. */
export function readEncoderHalf(reader: TensorReader, names: VaeNames): VaeHalf {
  const first = reader.side('encoder.conv_in.weight', 0);
  const results = reader.side('encoder.conv_out.weight', 0);
  const { levels, channels } = readLevels(reader, names, first);
  return {
    width: channels,
    latentChannels: results / 2,
    input: reader.layer('encoder.conv_in', [first, COLOURS, 3, 3]),
    levels,
    middle: readMiddle(reader, names, channels),
    outputNorm: reader.layer(names.outputNorm, [channels]),
    output: reader.layer('encoder.conv_out', [results, channels, 3, 3]),
  };
}

/** The levels in the order in which they are gone through, and the channels behind the last. */
function readLevels(reader: TensorReader, names: VaeNames, input: number): { levels: VaeLevel[]; channels: number } {
  const count = reader.count(names.levels);
  const order = Array.from({ length: count }, (_, index) => (names.backwards ? count - 1 - index : index));
  let channels = input;
  const levels = order.map((level, index): VaeLevel => {
    const residuals = Array.from({ length: reader.count(names.residuals(level)) }, (_, block) => {
      const residual = readResidual(reader, names, names.residual(level, block), channels);
      channels = residual.output;
      return residual;
    });
    const isLast = index === count - 1;
    const resample = isLast ? null : reader.layer(names.resample(level), [channels, channels, 3, 3]);
    return { residuals, resample };
  });
  return { levels, channels };
}

function readMiddle(reader: TensorReader, names: VaeNames, width: number): VaeMiddle {
  const matrix = (index: 0 | 1 | 2 | 3) =>
    reader.layer(`${names.attention}.${names.projections[index]}`, [width, width]);
  return {
    first: readResidual(reader, names, names.middle[0], width),
    attention: {
      norm: reader.layer(`${names.attention}.${names.attentionNorm}`, [width]),
      q: matrix(0),
      k: matrix(1),
      v: matrix(2),
      out: matrix(3),
    },
    second: readResidual(reader, names, names.middle[1], width),
  };
}

function readResidual(reader: TensorReader, names: VaeNames, name: string, input: number): VaeResidual {
  // Where it is missing it is said so, and not what would follow from that.
  const output = reader.side(`${name}.conv1.weight`, 0) || input;
  return {
    input,
    output,
    norm1: reader.layer(`${name}.norm1`, [input]),
    conv1: reader.layer(`${name}.conv1`, [output, input, 3, 3]),
    norm2: reader.layer(`${name}.norm2`, [output]),
    conv2: reader.layer(`${name}.conv2`, [output, output, 3, 3]),
    shortcut: input === output ? null : reader.layer(`${name}.${names.shortcut}`, [output, input, 1, 1]),
  };
}
