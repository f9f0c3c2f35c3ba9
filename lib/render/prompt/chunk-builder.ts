import { CHUNK_POSITIONS, CHUNK_TOKENS } from './chunk-size.ts';
import { END_ID, START_ID } from './clip-vocabulary.ts';

/** What the text encoder reads in one go. */
export interface PromptChunk {
  /** 77: start, 75 tokens of the prompt, end, and padding after the first end. Where vectors go, 0. */
  ids: Int32Array;
  /** 77: what each position's hidden state is multiplied by; 1 where nothing of the prompt stands. */
  weights: Float32Array;
  /** Rows of embeddings that take the place of the token's own vector, by position among the 77. */
  vectors: ChunkVector[];
  /** Position of the first end token, whose hidden state is the pooled output. */
  end: number;
}

export interface ChunkVector {
  position: number;
  /** Index among the embeddings of the request. */
  embedding: number;
  /** Which of the embedding's vectors. */
  row: number;
}

/** A token of the prompt, or a row of an embedding in its place. */
export interface PromptToken {
  id: number;
  weight: number;
  vector?: { embedding: number; row: number };
}

/** Lays at most 75 tokens out between start and end. */
export function buildChunk(tokens: readonly PromptToken[], padId: number): PromptChunk {
  const ids = new Int32Array(CHUNK_POSITIONS).fill(padId);
  const weights = new Float32Array(CHUNK_POSITIONS).fill(1);
  const vectors: ChunkVector[] = [];
  ids[0] = START_ID;
  for (const [index, { id, weight, vector }] of tokens.slice(0, CHUNK_TOKENS).entries()) {
    const position = index + 1;
    ids[position] = id;
    weights[position] = weight;
    if (vector) vectors.push({ position, ...vector });
  }
  ids[tokens.length + 1] = END_ID;
  return { ids, weights, vectors, end: ids.indexOf(END_ID) };
}
