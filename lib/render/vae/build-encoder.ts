import { type BuiltGraph, convolution, GraphBuilder, type GraphTarget } from '../onnx/index.ts';
import { ending, middle, type Plane, residual } from './blocks.ts';
import type { VaeEncoder } from './types.ts';

export interface VaeEncoderOptions {
  target: GraphTarget;
  /** 1 unless given. */
  batch?: number;
  /** Pixels; multiples of 8. */
  height: number;
  width: number;
}

/**
 * The graph that makes latents of pictures. Input: `picture` F32 [batch, 3, height, width] from -1 to 1. Results, F32
 * [batch, 4, height / 8, width / 8]: `mean` and `logVariance`, the latter kept between -30 and 20. A latent for the
 * sampler is (mean + noise × exp(logVariance / 2)) × `scaleFactorOf` its base.
 */
export function buildVaeEncoder(encoder: VaeEncoder, options: VaeEncoderOptions): BuiltGraph {
  const { target, batch = 1, height, width } = options;
  const graph = new GraphBuilder(target);
  const picture = graph.cast(graph.input('picture', 'F32', [batch, 3, height, width]), graph.type);
  let plane: Plane = { value: convolution(graph, picture, encoder.input), batch, height, width };
  for (const { residuals, resample } of encoder.levels) {
    for (const block of residuals) plane = residual(graph, plane, block);
    if (resample !== null) {
      // Zeros to the right and below alone: what latent-diffusion does.
      const value = convolution(graph, plane.value, resample, { stride: 2, padding: [0, 0, 1, 1] });
      plane = { ...plane, value, height: plane.height / 2, width: plane.width / 2 };
    }
  }
  const ended = ending(graph, middle(graph, plane, encoder.middle), encoder);
  const mixed = graph.cast(encoder.mix === null ? ended : convolution(graph, ended, encoder.mix), 'F32');

  const channels = encoder.latentChannels;
  const shape = [batch, channels, plane.height, plane.width];
  const spread = graph.slice(mixed, 1, channels, channels * 2);
  const limited = graph.op('Clip', [spread, graph.numbers(-30, 'F32'), graph.numbers(20, 'F32')]);
  graph.output('mean', graph.slice(mixed, 1, 0, channels), 'F32', shape);
  graph.output('logVariance', limited, 'F32', shape);
  return graph.build();
}
