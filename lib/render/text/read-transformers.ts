import type { LayerWeights } from '../onnx/index.ts';
import type { TensorReader } from '../weights/index.ts';
import type { TextLayer } from './types.ts';

/** The parts of an encoder under one program's names, before their shapes are known to make sense. */
export interface EncoderNames {
  tokenTable: string;
  positionTable: string;
  finalNorm: string;
  /** Layers that are there. */
  depth: number;
  readLayer(index: number, width: number): TextLayer;
  /** `transposed` says that it is stored as [in, out]. */
  projection: { name: string; transposed: boolean };
}

/**
 * CLIP's text model as the transformers library names it. Files made before its version 4.0, and after 5.6, leave
 * `text_model.` out, but for the projection, which never stood below it.
 */
export function transformersNames(reader: TensorReader): EncoderNames {
  const inner = reader.has('embeddings.token_embedding.weight') ? '' : 'text_model.';
  const stem = `${inner}encoder.layers.`;
  return {
    tokenTable: `${inner}embeddings.token_embedding.weight`,
    positionTable: `${inner}embeddings.position_embedding.weight`,
    finalNorm: `${inner}final_layer_norm`,
    depth: reader.count(stem),
    readLayer(index, width) {
      const name = `${stem}${index}`;
      const square = (part: string): LayerWeights => reader.layer(`${name}.self_attn.${part}`, [width, width]);
      const wide = reader.side(`${name}.mlp.fc1.weight`, 0);
      return {
        attentionNorm: reader.layer(`${name}.layer_norm1`, [width]),
        q: square('q_proj'),
        k: square('k_proj'),
        v: square('v_proj'),
        out: square('out_proj'),
        mlpNorm: reader.layer(`${name}.layer_norm2`, [width]),
        up: reader.layer(`${name}.mlp.fc1`, [wide, width]),
        down: reader.layer(`${name}.mlp.fc2`, [width, wide]),
      };
    },
    projection: { name: 'text_projection.weight', transposed: false },
  };
}
