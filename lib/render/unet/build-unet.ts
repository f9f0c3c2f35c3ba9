import {
  type BuiltGraph,
  convolution,
  GraphBuilder,
  type GraphTarget,
  groupNorm,
  type LayerPatches,
  type LayerWeights,
  linear,
  silu,
  type Value,
} from '../onnx/index.ts';
import type { Embedding, Unet } from './architecture.ts';
import { buildResidual } from './build-residual.ts';
import { buildTransformer, type Conditions } from './build-transformer.ts';
import type { FeatureMap } from './feature-map.ts';

export interface UnetBuild {
  target: GraphTarget;
  batch: number;
  /** Eighths of the picture's sides; odd ones too. */
  latentHeight: number;
  latentWidth: number;
  /** Tokens of text for each picture of the batch. */
  tokens: number;
  patches?: LayerPatches | undefined;
}

/**
 * The graph of one call of the network. Inputs, all F32: `sample` [batch, 4, height, width]; `time` [1, channels], made by
 * `timeFeatures`; `context` [batch, tokens, contextWidth]; for SDXL `vector` [batch, vectorWidth], made by
 * `sizeConditioning`. Its output `prediction` is shaped as `sample` is, F32 too.
 */
export function buildUnet(
  unet: Unet,
  { target, batch, latentHeight, latentWidth, tokens, patches }: UnetBuild,
): BuiltGraph {
  const graph = new GraphBuilder(target, patches);
  const shape = [batch, 4, latentHeight, latentWidth];
  const given = (name: string, sides: readonly number[]) => toPrecision(graph, graph.input(name, 'F32', sides));

  const sample = given('sample', shape);
  let time = embed(graph, given('time', [1, unet.channels]), unet.time);
  if (unet.vector !== null && unet.vectorWidth !== null) {
    time = graph.op('Add', [embed(graph, given('vector', [batch, unet.vectorWidth]), unet.vector), time]);
  }
  const context = given('context', [batch, tokens, unet.contextWidth]);
  const conditions: Conditions = {
    batch,
    time: silu(graph, time),
    context: graph.reshape(context, [batch * tokens, unet.contextWidth]),
    tokens,
  };

  const start: FeatureMap = {
    value: convolution(graph, sample, unet.input),
    channels: unet.channels,
    height: latentHeight,
    width: latentWidth,
  };
  const last = buildLevels(graph, unet, start, conditions);
  const normal = groupNorm(graph, last.value, unet.outputNorm, {
    shape: [batch, last.channels, last.height, last.width],
  });
  const prediction = convolution(graph, silu(graph, normal), unet.output);
  graph.output('prediction', target.precision === 'fp16' ? graph.cast(prediction, 'F32') : prediction, 'F32', shape);
  return graph.build();
}

/** Down, keeping what every step makes; up, reading it again in the opposite order. */
function buildLevels(graph: GraphBuilder, unet: Unet, start: FeatureMap, conditions: Conditions): FeatureMap {
  let picture = start;
  const kept = [picture];
  for (const { steps, resample } of unet.down) {
    for (const { residual, attention } of steps) {
      picture = buildResidual(graph, picture, residual, conditions);
      if (attention !== null) picture = buildTransformer(graph, picture, attention, conditions);
      kept.push(picture);
    }
    if (resample === null) continue;
    picture = halve(graph, picture, resample);
    kept.push(picture);
  }

  for (const [index, residual] of unet.middle?.residuals.entries() ?? []) {
    const attention = unet.middle?.attentions[index - 1];
    if (attention !== undefined) picture = buildTransformer(graph, picture, attention, conditions);
    picture = buildResidual(graph, picture, residual, conditions);
  }

  for (const { steps, resample } of unet.up) {
    for (const { residual, attention } of steps) {
      picture = buildResidual(graph, join(graph, picture, kept.pop()), residual, conditions);
      if (attention !== null) picture = buildTransformer(graph, picture, attention, conditions);
    }
    if (resample !== null) picture = enlarge(graph, picture, resample, { ...picture, ...kept.at(-1) }, conditions);
  }
  return picture;
}

function embed(graph: GraphBuilder, features: Value, { first, second }: Embedding): Value {
  return linear(graph, silu(graph, linear(graph, features, first)), second);
}

function join(graph: GraphBuilder, picture: FeatureMap, kept: FeatureMap | undefined): FeatureMap {
  if (kept === undefined) return picture;
  const value = graph.op('Concat', [picture.value, kept.value], { axis: 1 });
  return { ...picture, channels: picture.channels + kept.channels, value };
}

function halve(graph: GraphBuilder, picture: FeatureMap, layer: LayerWeights): FeatureMap {
  return {
    ...picture,
    value: convolution(graph, picture.value, layer, { stride: 2 }),
    height: Math.ceil(picture.height / 2),
    width: Math.ceil(picture.width / 2),
  };
}

/** To the size of what was kept there: twice the picture's, or one less where a side was odd. */
function enlarge(
  graph: GraphBuilder,
  picture: FeatureMap,
  layer: LayerWeights,
  { height, width }: Pick<FeatureMap, 'height' | 'width'>,
  { batch }: Conditions,
): FeatureMap {
  const sizes = graph.integers([batch, picture.channels, height, width]);
  const value = graph.op('Resize', [picture.value, '', '', sizes], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  return { ...picture, value: convolution(graph, value, layer), height, width };
}

function toPrecision(graph: GraphBuilder, value: Value): Value {
  return graph.target.precision === 'fp16' ? graph.cast(value, 'F16') : value;
}
