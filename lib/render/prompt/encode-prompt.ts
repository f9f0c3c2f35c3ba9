import { buildChunk, type PromptChunk, type PromptToken } from './chunk-builder.ts';
import { CHUNK_TOKENS } from './chunk-size.ts';
import type { ClipTokenizer } from './clip-tokenizer.ts';
import { COMMA_ID, END_ID } from './clip-vocabulary.ts';
import { type ParsedPrompt, parsePrompt } from './parse-prompt.ts';
import { indexTriggers, type PromptEmbedding, triggerAt } from './triggers.ts';

/** What stands after the end of a prompt: CLIP-L was trained with its end token there, OpenCLIP's H and G with 0. */
export const PAD_ID = { 'clip-l': END_ID, 'openclip-h': 0, 'openclip-g': 0 } as const;

/** A chunk may end at a comma that lies at most so many tokens back, so that what follows it stays together. */
const COMMA_BACKTRACK = 20;

export interface EncodeOptions {
  tokenizer: ClipTokenizer;
  /** One of PAD_ID. */
  padId: number;
  embeddings?: readonly PromptEmbedding[];
}

export interface PromptChunks {
  /** One at least. */
  chunks: PromptChunk[];
  padId: number;
}

/**
 * A prompt in chunks of 75 tokens as A1111 cuts it: `BREAK` ends a chunk, a full one ends behind a comma where one is near,
 * and an embedding that does not fit goes to the next as a whole. Throws RenderError `bad_request` for a prompt that is
 * too long and an embedding that fits no chunk.
 *
 * Unlike A1111, vectors of an embedding behind the comma move on with the text (there they stay, over the padding).
 */
export function encodePrompt(prompt: string | ParsedPrompt, options: EncodeOptions): PromptChunks {
  const { tokenizer, padId, embeddings = [] } = options;
  const { pieces } = typeof prompt === 'string' ? parsePrompt(prompt) : prompt;
  const triggers = indexTriggers(embeddings, tokenizer);
  const cutter = new ChunkCutter();
  for (const piece of pieces) {
    if (piece.kind === 'break') {
      cutter.cut();
      continue;
    }
    const ids = tokenizer.encode(piece.text);
    for (let position = 0; position < ids.length; ) {
      const id = ids[position]!;
      cutter.makeRoom(id);
      const trigger = triggerAt(triggers, ids, position);
      if (trigger) cutter.addVectors(trigger.embedding, trigger.vectors, piece.weight);
      else cutter.add({ id, weight: piece.weight });
      position += trigger?.ids.length ?? 1;
    }
  }
  return { chunks: cutter.finish().map((tokens) => buildChunk(tokens, padId)), padId };
}

class ChunkCutter {
  readonly #done: PromptToken[][] = [];
  #tokens: PromptToken[] = [];
  #lastComma = -1;

  cut(at = this.#tokens.length): void {
    this.#done.push(this.#tokens.slice(0, at));
    this.#tokens = this.#tokens.slice(at);
    this.#lastComma = -1;
  }

  /** Called for each token that comes, before it is added. */
  makeRoom(id: number): void {
    const count = this.#tokens.length;
    const comma = this.#lastComma;
    // A comma that finds the chunk full begins the next one, and does not count as a place to cut there: A1111's way.
    if (id === COMMA_ID) this.#lastComma = count;
    else if (count === CHUNK_TOKENS && comma !== -1 && count - comma <= COMMA_BACKTRACK) this.cut(comma + 1);
    if (this.#tokens.length === CHUNK_TOKENS) this.cut();
  }

  add(token: PromptToken): void {
    this.#tokens.push(token);
  }

  addVectors(embedding: number, count: number, weight: number): void {
    if (this.#tokens.length + count > CHUNK_TOKENS) this.cut();
    for (let row = 0; row < count; row += 1) this.add({ id: 0, weight, vector: { embedding, row } });
  }

  finish(): PromptToken[][] {
    if (this.#tokens.length > 0 || this.#done.length === 0) this.cut();
    return this.#done;
  }
}

/**
 * The chunks of a prompt and its negative prompt, the shorter filled up with empty chunks, so that both have one length in
 * the cross-attention. A1111 does so under its setting "Pad prompt/negative prompt to be same length"; without it it runs
 * the two apart where they differ.
 */
export function padChunks(a: PromptChunks, b: PromptChunks): [PromptChunks, PromptChunks] {
  const count = Math.max(a.chunks.length, b.chunks.length);
  return [fill(a, count), fill(b, count)];
}

function fill({ chunks, padId }: PromptChunks, count: number): PromptChunks {
  const empty = Array.from({ length: count - chunks.length }, () => buildChunk([], padId));
  return { chunks: [...chunks, ...empty], padId };
}
