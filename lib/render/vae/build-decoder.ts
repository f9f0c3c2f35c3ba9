import { type BuiltGraph, convolution, GraphBuilder, type GraphTarget } from '../onnx/index.ts';
import { ending, middle, type Plane, residual } from './blocks.ts';
import type { Vae } from './types.ts';

export interface VaeDecoderOptions {
  target: GraphTarget;
  /** 1 unless given. */
  batch?: number;
  /** An eighth of the picture's sides. */
  latentHeight: number;
  latentWidth: number;
}

/**
 * The graph that makes pictures of latents. Input: `latent` F32 [batch, 4, latentHeight, latentWidth], divided by
 * `scaleFactorOf` its base. Result: `picture` F32 [batch, 3, 8 × latentHeight, 8 × latentWidth], from about -1 to 1.
 * In half precision its numbers may overflow: the result then holds NaN.
 */
export function buildVaeDecoder(vae: Vae, options: VaeDecoderOptions): BuiltGraph {
  const { target, batch = 1, latentHeight, latentWidth } = options;
  const graph = new GraphBuilder(target);
  const latent = graph.input('latent', 'F32', [batch, vae.latentChannels, latentHeight, latentWidth]);
  const narrow = graph.cast(latent, graph.type);
  const mixed = vae.mix === null ? narrow : convolution(graph, narrow, vae.mix);
  let plane: Plane = {
    value: convolution(graph, mixed, vae.input),
    batch,
    height: latentHeight,
    width: latentWidth,
  };
  plane = middle(graph, plane, vae.middle);
  for (const { residuals, resample } of vae.levels) {
    for (const block of residuals) plane = residual(graph, plane, block);
    if (resample !== null) {
      const larger = doubled(graph, plane);
      plane = { ...larger, value: convolution(graph, larger.value, resample) };
    }
  }
  const picture = graph.cast(ending(graph, plane, vae), 'F32');
  graph.output('picture', picture, 'F32', [batch, 3, plane.height, plane.width]);
  return graph.build();
}

/** Every pixel as four. */
function doubled(graph: GraphBuilder, plane: Plane): Plane {
  const scales = graph.numbers([1, 1, 2, 2], 'F32');
  const value = graph.op('Resize', [plane.value, '', scales], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  return { ...plane, value, height: plane.height * 2, width: plane.width * 2 };
}
