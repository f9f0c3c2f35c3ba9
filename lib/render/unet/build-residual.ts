import { convolution, type GraphBuilder, groupNorm, linear, silu } from '../onnx/index.ts';
import type { Residual } from './architecture.ts';
import type { Conditions } from './build-transformer.ts';
import type { FeatureMap } from './feature-map.ts';

/** Two convolutions with the timestep added between, and the picture itself added to the result. */
export function buildResidual(
  graph: GraphBuilder,
  picture: FeatureMap,
  layer: Residual,
  { batch, time }: Conditions,
): FeatureMap {
  const { channels, height, width } = picture;
  const sized = (count: number) => [batch, count, height, width];

  const first = silu(graph, groupNorm(graph, picture.value, layer.norm1, { shape: sized(channels) }));
  const timeBias = graph.reshape(linear(graph, time, layer.time), [-1, layer.output, 1, 1]);
  const middle = graph.op('Add', [convolution(graph, first, layer.conv1), timeBias]);
  const second = silu(graph, groupNorm(graph, middle, layer.norm2, { shape: sized(layer.output) }));
  const result = convolution(graph, second, layer.conv2);
  const around = layer.shortcut === null ? picture.value : convolution(graph, picture.value, layer.shortcut);
  return { ...picture, channels: layer.output, value: graph.op('Add', [around, result]) };
}
