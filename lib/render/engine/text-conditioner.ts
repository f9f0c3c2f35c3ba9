import {
  applyEmphasis,
  CHUNK_POSITIONS,
  ClipTokenizer,
  encodePrompt,
  PAD_ID,
  type PromptChunk,
  type PromptChunks,
  padChunks,
} from '../prompt/index.ts';
import { buildTextEncoder, hiddenStateOf, type TextEncoder } from '../text/index.ts';
import { RenderError, type TileRequest } from '../types.ts';
import type { OpenModels } from './open-models.ts';
import type { Device, SessionInput } from './session.ts';
import type { SessionCache } from './session-cache.ts';

/** What the UNet gets of a prompt. */
export interface Conditioning {
  /** [tokens, width of the context]. */
  context: Float32Array;
  tokens: number;
  /** SDXL: the prompt in one vector. */
  pooled: Float32Array | null;
}

interface EncodedChunk {
  /** [77, width]. */
  states: Float32Array;
  pooled: Float32Array | null;
}

/** A prompt of so many chunks has some hundred words; each makes every step slower. */
const MAX_CHUNKS = 16;
/** So many texts are kept for further tiles. */
const KEPT_TEXTS = 64;

/** Makes prompts into what cross-attention reads; each text is encoded once for all tiles that share it. */
export class TextConditioner {
  readonly #models: OpenModels;
  readonly #device: Device;
  readonly #sessions: SessionCache;
  readonly #tokenizer = new ClipTokenizer();
  readonly #kept = new Map<string, EncodedChunk[]>();

  constructor(models: OpenModels, device: Device, sessions: SessionCache) {
    this.#models = models;
    this.#device = device;
    this.#sessions = sessions;
  }

  /** Prompt and negative prompt of a tile, of one length. Without guidance the negative one is not encoded. */
  async encode(tile: TileRequest): Promise<{ positive: Conditioning; negative: Conditioning | null }> {
    const { encoders, isXl } = this.#models;
    const positive: EncodedChunk[][] = [];
    const negative: EncodedChunk[][] = [];
    for (const [index, encoder] of encoders.entries()) {
      const [chunks, negativeChunks] = padChunks(
        this.#chunksOf(tile.prompt, encoder, index),
        this.#chunksOf(tile.cfgScale === 1 ? '' : tile.negativePrompt, encoder, index),
      );
      positive.push(await this.#encodeText(chunks, index, tile));
      if (tile.cfgScale !== 1) negative.push(await this.#encodeText(negativeChunks, index, tile));
    }
    const isUnsaid = isXl && tile.negativePrompt.trim() === '';
    const against = tile.cfgScale === 1 ? null : join(negative, encoders);
    return {
      positive: join(positive, encoders),
      // SDXL was trained with zeros in the place of no text.
      negative: against !== null && isUnsaid ? silence(against) : against,
    };
  }

  #chunksOf(text: string, { kind }: TextEncoder, index: number): PromptChunks {
    const embeddings = (this.#models.embeddings[index] ?? []).map(({ token, count }) => ({ token, vectors: count }));
    const encoded = encodePrompt(text, { tokenizer: this.#tokenizer, padId: PAD_ID[kind], embeddings });
    if (encoded.chunks.length <= MAX_CHUNKS) return encoded;
    throw new RenderError(
      'bad_request',
      `The prompt has ${encoded.chunks.length} chunks of 75 tokens; the maximum is ${MAX_CHUNKS}.`,
    );
  }

  async #encodeText({ chunks }: PromptChunks, index: number, tile: TileRequest): Promise<EncodedChunk[]> {
    const weights = tile.loraWeights.map((weight) => (typeof weight === 'number' ? weight : weight.text));
    const texts = chunks.map(({ ids, weights: emphasis, vectors }) => [[...ids], [...emphasis], vectors]);
    const key = JSON.stringify([index, texts, tile.clipSkip, weights]);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const encoded: EncodedChunk[] = [];
    for (const chunk of chunks) encoded.push(await this.#encodeChunk(chunk, index, tile));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_TEXTS && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, encoded);
    return encoded;
  }

  async #encodeChunk(chunk: PromptChunk, index: number, tile: TileRequest): Promise<EncodedChunk> {
    const { base, isXl, loras } = this.#models;
    const encoder = this.#models.encoders[index] as TextEncoder;
    const { target } = this.#device;
    const build = () =>
      buildTextEncoder(encoder, {
        target,
        batch: 1,
        state: hiddenStateOf(base, encoder, tile.clipSkip),
        replaced: true,
        pooled: isXl && encoder.kind !== 'clip-l',
        patches: loras.patches,
      });
    const session = await this.#sessions.get('text-encoder', String(index), `skip ${tile.clipSkip}`, build);
    const { hidden = new Float32Array(0), pooled = null } = await session.run({
      ...this.#inputsOf(chunk, index),
      ...loras.inputs(tile.loraWeights),
    });
    return { states: applyEmphasis(hidden, chunk.weights), pooled };
  }

  #inputsOf({ ids, vectors, end }: PromptChunk, index: number): Record<string, SessionInput> {
    const { width } = this.#models.encoders[index] as TextEncoder;
    const replaced = new Float32Array(CHUNK_POSITIONS);
    const rows = new Float32Array(CHUNK_POSITIONS * width);
    for (const { position, embedding, row } of vectors) {
      const source = this.#models.embeddings[index]?.[embedding]?.rows.subarray(row * width, (row + 1) * width);
      replaced[position] = 1;
      if (source !== undefined) rows.set(source, position * width);
    }
    return {
      ids: { type: 'I32', data: ids, shape: [1, CHUNK_POSITIONS] },
      replaced: { type: 'F32', data: replaced, shape: [1, CHUNK_POSITIONS, 1] },
      vectors: { type: 'F32', data: rows, shape: [1, CHUNK_POSITIONS, width] },
      end: { type: 'I32', data: Int32Array.of(end), shape: [1] },
    };
  }
}

/** The chunks one after another, and in each the states of all encoders side by side. */
function join(texts: readonly EncodedChunk[][], encoders: readonly TextEncoder[]): Conditioning {
  const chunks = texts[0]?.length ?? 0;
  const widths = encoders.map(({ width }) => width);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const tokens = chunks * CHUNK_POSITIONS;
  const context = new Float32Array(tokens * total);
  for (let token = 0; token < tokens; token += 1) {
    const chunk = Math.floor(token / CHUNK_POSITIONS);
    const position = token % CHUNK_POSITIONS;
    let at = token * total;
    for (const [index, width] of widths.entries()) {
      const states = texts[index]?.[chunk]?.states;
      if (states !== undefined) context.set(states.subarray(position * width, (position + 1) * width), at);
      at += width;
    }
  }
  // The first chunk stands for the whole text, as in A1111.
  return { context, tokens, pooled: texts.at(-1)?.[0]?.pooled ?? null };
}

function silence({ context, tokens, pooled }: Conditioning): Conditioning {
  return {
    context: new Float32Array(context.length),
    tokens,
    pooled: pooled === null ? null : new Float32Array(pooled.length),
  };
}
