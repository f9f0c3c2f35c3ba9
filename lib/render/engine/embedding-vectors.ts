import { type EmbeddingRef, RenderError } from '../types.ts';
import { openWeightFile, readNumbers, type Weight } from '../weights/index.ts';

/** A textual inversion, as one text encoder takes it: [count, width], row by row. */
export interface EmbeddingVectors {
  token: string;
  count: number;
  rows: Float32Array;
}

/** SDXL's embeddings say which encoder each matrix is for. */
const SLOTS: readonly string[] = ['clip_l', 'clip_g'];

/**
 * The vectors of embeddings for the encoder at `index` of the checkpoint's, whose hidden states have `width` numbers.
 * Throws RenderError `load_mismatch` for an embedding that was made for another encoder.
 */
export function readEmbeddings(
  embeddings: readonly EmbeddingRef[],
  { index, width, encoders }: { index: number; width: number; encoders: number },
): EmbeddingVectors[] {
  return embeddings.map(({ path, name, token }) => {
    const { tensors } = openWeightFile(path);
    const matrices = [...tensors.values()].filter(({ shape }) => shape.length === 1 || shape.length === 2);
    const own = tensors.get(SLOTS[index] ?? '');
    const found = own ?? (encoders === 1 ? matrices.find((matrix) => widthOf(matrix) === width) : undefined);
    if (found === undefined || widthOf(found) !== width) {
      const widths = [...new Set(matrices.map(widthOf))].join(', ');
      throw new RenderError(
        'load_mismatch',
        `The embedding ${name} needs a text encoder of width ${widths || 'unknown'}, but this checkpoint has width ${width}.`,
      );
    }
    const rows = readNumbers(found);
    return { token, count: rows.length / width, rows };
  });
}

function widthOf({ shape }: Weight): number {
  return shape.at(-1) ?? 0;
}
