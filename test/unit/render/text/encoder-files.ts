import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clipLLayout, type EncoderSize, type LayoutTensor, openClipLayout, withPrefix } from '#lib/demo/index.ts';
import { openWeightFile, type WeightFile } from '#lib/render/weights/index.ts';
import type { TargetDtype } from '#scanner/convert/index.ts';
import { randomNumbers } from '#test/fixtures/render/random-weights.ts';
import { writeStoredModel } from '#test/fixtures/render/stored-model.ts';
import type { GraphInput } from '#test/support/onnx-session.ts';

/** What `test/conformance/python/text_goldens.py` gives its encoders. */
export const BATCH = 2;
export const POSITIONS = 77;
const KEPT = 5;
const ENDS = [31, 76];
const WIDE: EncoderSize = { width: 128, depth: 3 };

const transformers = (prefix: string, size: EncoderSize) => withPrefix(`${prefix}text_model.`, clipLLayout(size));

/** The encoders of checkpoints, small: the same as there. */
export const LAYOUTS = {
  sd1: transformers('cond_stage_model.transformer.', WIDE),
  sd2: withPrefix('cond_stage_model.model.', openClipLayout(WIDE)),
  'sd2-diffusers': transformers('text_encoder.', { width: 128, depth: 2 }),
  sdxl: [
    ...transformers('conditioner.embedders.0.transformer.', { width: 64, depth: 2 }),
    ...withPrefix('conditioner.embedders.1.model.', openClipLayout(WIDE)),
  ],
  'sdxl-diffusers': [
    ...transformers('text_encoder.', { width: 64, depth: 2 }),
    ...transformers('text_encoder_2.', WIDE),
    { name: 'text_encoder_2.text_projection.weight', shape: [192, 128] },
  ],
} satisfies Record<string, LayoutTensor[]>;

/** A folder for model files that goes with its scope. */
export class ModelFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'weighhouse-text-'));
  #count = 0;

  write(
    layout: readonly LayoutTensor[],
    options: { dtype?: TargetDtype; rename?: (name: string) => string } = {},
  ): WeightFile {
    this.#count += 1;
    const path = join(this.path, `${this.#count}.safetensors`);
    writeStoredModel(path, layout, options);
    return openWeightFile(path);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Two texts, of 30 and of 75 words. */
export function textInputs(): { ids: GraphInput } {
  const ids = new Int32Array(BATCH * POSITIONS).fill(49_407);
  for (const [text, end] of ENDS.entries()) {
    ids[text * POSITIONS] = 49_406;
    for (let at = 1; at < end; at += 1) ids[text * POSITIONS + at] = (at * 7919 + text * 104_729) % 49_405;
  }
  return { ids: { type: 'int32', data: ids, shape: [BATCH, POSITIONS] } };
}

export function endInput(): { end: GraphInput } {
  return { end: { type: 'int32', data: Int32Array.from(ENDS), shape: [BATCH] } };
}

/** A textual inversion of three vectors in the first text, one of one in the second. */
export function vectorInputs(width: number): { replaced: GraphInput; vectors: GraphInput } {
  const replaced = new Float32Array(BATCH * POSITIONS);
  for (const at of [4, 5, 6, POSITIONS + 70]) replaced[at] = 1;
  return {
    replaced: { type: 'float32', data: replaced, shape: [BATCH, POSITIONS, 1] },
    vectors: {
      type: 'float32',
      data: randomNumbers('vectors', [BATCH * POSITIONS * width, 1]),
      shape: [BATCH, POSITIONS, width],
    },
  };
}

/** The positions of a state that the goldens have. */
export function keptPositions(hidden: Float32Array, width: number): Float32Array {
  return hidden.filter((_, at) => (Math.floor(at / width) % POSITIONS) % KEPT === 0);
}
