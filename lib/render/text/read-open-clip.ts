import type { LayerWeights } from '../onnx/index.ts';
import { rowsOf, type TensorReader } from '../weights/index.ts';
import type { EncoderNames } from './read-transformers.ts';

/** The text half of OpenCLIP under its own names: queries, keys and values are rows of one tensor. */
export function openClipNames(reader: TensorReader): EncoderNames {
  const stem = 'transformer.resblocks.';
  return {
    tokenTable: 'token_embedding.weight',
    positionTable: 'positional_embedding',
    finalNorm: 'ln_final',
    depth: reader.count(stem),
    readLayer(index, width) {
      const name = `${stem}${index}`;
      const weight = reader.take(`${name}.attn.in_proj_weight`, [width * 3, width]);
      const bias = reader.take(`${name}.attn.in_proj_bias`, [width * 3]);
      const part = (row: number): LayerWeights => ({
        weight: rowsOf(weight, row, width),
        bias: rowsOf(bias, row, width),
        row,
      });
      const wide = reader.side(`${name}.mlp.c_fc.weight`, 0);
      return {
        attentionNorm: reader.layer(`${name}.ln_1`, [width]),
        q: part(0),
        k: part(width),
        v: part(width * 2),
        out: reader.layer(`${name}.attn.out_proj`, [width, width]),
        mlpNorm: reader.layer(`${name}.ln_2`, [width]),
        up: reader.layer(`${name}.mlp.c_fc`, [wide, width]),
        down: reader.layer(`${name}.mlp.c_proj`, [width, wide]),
      };
    },
    projection: { name: 'text_projection', transposed: true },
  };
}
