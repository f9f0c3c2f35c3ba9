import { describe, expect, it } from 'vitest';
import {
  CHUNK_POSITIONS,
  ClipTokenizer,
  END_ID,
  encodePrompt,
  PAD_ID,
  padChunks,
  START_ID,
} from '#lib/render/prompt/index.ts';
import { type ParsedGolden, readGolden } from './goldens.ts';

const tokenizer = new ClipTokenizer();

function encode(prompt: string, embeddings: { token: string; vectors: number }[] = [], padId: number = END_ID) {
  return encodePrompt(prompt, { tokenizer, padId, embeddings });
}

describe('chunks of a prompt', () => {
  it('agree with A1111 told again in Python', () => {
    for (const { prompt, padId, embeddings, chunks } of readGolden<ParsedGolden[]>('parsed-prompts')) {
      const found = encode(
        prompt,
        embeddings.map(([token, vectors]) => ({ token, vectors })),
        padId,
      ).chunks.map(({ ids, weights, vectors, end }) => ({
        ids: [...ids],
        weights: [...weights],
        vectors: vectors.map(({ position, embedding, row }) => [position, embedding, row]),
        end,
      }));
      const expected = chunks.map(({ ids, weights, vectors }) => ({
        ids,
        weights: weights.map(Math.fround),
        vectors,
        end: ids.indexOf(END_ID),
      }));
      expect({ prompt, chunks: found }).toEqual({ prompt, chunks: expected });
    }
  });

  it('give an empty prompt one, padded as its encoder was trained', () => {
    const [clip] = encode('').chunks;
    expect([...clip!.ids]).toEqual([START_ID, ...new Array(76).fill(END_ID)]);
    const [openClip] = encode('', [], PAD_ID['openclip-g']).chunks;
    expect([...openClip!.ids]).toEqual([START_ID, END_ID, ...new Array(75).fill(0)]);
    expect(openClip).toMatchObject({ end: 1, vectors: [] });
  });

  it.each([
    ['20 tokens from the end', 55, 57],
    ['farther', 54, 76],
  ])('end behind a comma that is near: %s', (_, words, end) => {
    expect(encode(`${'x '.repeat(words)}, ${'y '.repeat(30)}`).chunks[0]!.end).toBe(end);
  });

  it('hold an embedding as a whole, found by its word in any case', () => {
    const { chunks } = encode(`${'x '.repeat(70)}(My-Style:1.3) y`, [{ token: 'my-style', vectors: 6 }]);
    expect(chunks.map(({ end }) => end)).toEqual([71, 8]);
    expect(chunks[1]!.vectors).toEqual([0, 1, 2, 3, 4, 5].map((row) => ({ position: row + 1, embedding: 0, row })));
    expect([...chunks[1]!.weights.slice(0, 9)]).toEqual([1, ...new Array(6).fill(Math.fround(1.3)), 1, 1]);
  });

  it('take the embedding with the text when a comma cuts before it', () => {
    const words = `${'x '.repeat(60)}, style ${'y '.repeat(20)}`;
    const { chunks } = encode(words, [{ token: 'style', vectors: 3 }]);
    expect(chunks[0]!.vectors).toEqual([]);
    expect(chunks[1]!.vectors.map(({ position }) => position)).toEqual([1, 2, 3]);
  });

  it('are as many for a prompt as for its negative prompt', () => {
    const [long, short] = padChunks(encode('a BREAK b BREAK c'), encode('bad', [], 0));
    expect([long.chunks.length, short.chunks.length]).toEqual([3, 3]);
    expect([...short.chunks[2]!.ids]).toEqual([START_ID, END_ID, ...new Array(75).fill(0)]);
    expect([...short.chunks[2]!.weights]).toEqual(new Array(CHUNK_POSITIONS).fill(1));
  });

  it.each([76, 0, 1.5])('refuse an embedding of %s vectors', (vectors) => {
    expect(() => encode('a', [{ token: 'style', vectors }])).toThrow(
      expect.objectContaining({
        code: 'bad_request',
        message: `The embedding style has ${vectors} vectors; a prompt supports 1 to 75 per embedding.`,
      }),
    );
  });
});
