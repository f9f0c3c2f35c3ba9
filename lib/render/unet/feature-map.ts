import type { Value } from '../onnx/index.ts';

/** Numbers of every place of a picture: [batch, channels, height, width]. */
export interface FeatureMap {
  value: Value;
  channels: number;
  height: number;
  width: number;
}
