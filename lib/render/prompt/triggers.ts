import { RenderError } from '../types.ts';
import { CHUNK_TOKENS } from './chunk-size.ts';
import type { ClipTokenizer } from './clip-tokenizer.ts';

/** An embedding (textual inversion) as a prompt sees it. */
export interface PromptEmbedding {
  /** The word of the prompt that stands for its vectors. */
  token: string;
  /** Number of its vectors for the text encoder at hand; each takes one position. */
  vectors: number;
}

export interface Trigger {
  /** Index of the embedding. */
  embedding: number;
  ids: number[];
  vectors: number;
}

/**
 * The embeddings by the first id of their word, longest word first. As in A1111 words are compared as tokens, so case
 * does not matter and `cat` is not found in `cats`. A word that gives no token is never found. Throws RenderError
 * `bad_request` for an embedding that fits no chunk.
 */
export function indexTriggers(
  embeddings: readonly PromptEmbedding[],
  tokenizer: ClipTokenizer,
): Map<number, Trigger[]> {
  const byFirst = new Map<number, Trigger[]>();
  for (const [embedding, { token, vectors }] of embeddings.entries()) {
    if (!Number.isInteger(vectors) || vectors < 1 || vectors > CHUNK_TOKENS) {
      const message = `The embedding ${token} has ${vectors} vectors; a prompt supports 1 to ${CHUNK_TOKENS} per embedding.`;
      throw new RenderError('bad_request', message);
    }
    const ids = tokenizer.encode(token);
    if (ids.length === 0) continue;
    const others = byFirst.get(ids[0]!) ?? [];
    others.push({ embedding, ids, vectors });
    byFirst.set(
      ids[0]!,
      others.sort((a, b) => b.ids.length - a.ids.length),
    );
  }
  return byFirst;
}

/** The embedding whose word stands at `position` of the ids, if any. */
export function triggerAt(
  triggers: Map<number, Trigger[]>,
  ids: readonly number[],
  position: number,
): Trigger | undefined {
  return triggers.get(ids[position]!)?.find(({ ids: word }) => word.every((id, index) => ids[position + index] === id));
}
