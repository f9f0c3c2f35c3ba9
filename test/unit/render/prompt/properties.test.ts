import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  CHUNK_POSITIONS,
  CHUNK_TOKENS,
  ClipTokenizer,
  encodePrompt,
  MAX_WEIGHT,
  PAD_ID,
  parsePrompt,
} from '#lib/render/prompt/index.ts';

const tokenizer = new ClipTokenizer();
const embeddings = [
  { token: 'style', vectors: 5 },
  { token: 'bad-hands', vectors: 75 },
];

const part = fc.oneof(
  fc.constantFrom(
    '(',
    ')',
    '[',
    ']',
    ':',
    ':1.2)',
    ':-9)',
    '\\',
    ',',
    ' BREAK ',
    '<lora:a:',
    '>',
    'style',
    'bad-hands',
    'x '.repeat(30),
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
  // Lone surrogates too.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
);
const prompt = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));

it('any prompt gives whole chunks with ids of the vocabulary and finite weights', () => {
  fc.assert(
    fc.property(prompt, fc.constantFrom(...Object.values(PAD_ID)), (text, padId) => {
      const { chunks } = encodePrompt(text, { tokenizer, padId, embeddings });
      expect(chunks.length).toBeGreaterThan(0);
      for (const { ids, weights, vectors, end } of chunks) {
        expect([ids.length, weights.length, ids[0]]).toEqual([CHUNK_POSITIONS, CHUNK_POSITIONS, 49406]);
        expect(ids[end]).toBe(49407);
        expect(ids.every((id) => id >= 0 && id < 49408)).toBe(true);
        expect(weights.every((weight) => Math.abs(weight) <= MAX_WEIGHT)).toBe(true);
        expect(vectors.every(({ position }) => position >= 1 && position <= CHUNK_TOKENS)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

it('rows of an embedding stand side by side and all in one chunk', () => {
  fc.assert(
    fc.property(prompt, (text) => {
      for (const { vectors } of encodePrompt(text, { tokenizer, padId: 0, embeddings }).chunks) {
        for (const [index, { position, embedding, row }] of vectors.entries()) {
          if (row > 0) expect(vectors[index - 1]).toEqual({ position: position - 1, embedding, row: row - 1 });
          else
            expect(vectors[index + embeddings[embedding]!.vectors - 1]?.row).toBe(embeddings[embedding]!.vectors - 1);
        }
      }
    }),
    { numRuns: 500 },
  );
});

it('text without syntax comes back as it is, and escaped text without its escapes', () => {
  const plain = fc.string({ unit: 'binary' }).filter((text) => !/[\\()[\]<]|BREAK/.test(text) && text !== '');
  fc.assert(
    fc.property(plain, (text) => {
      expect(parsePrompt(text).pieces).toEqual([{ kind: 'text', text, weight: 1 }]);
    }),
  );
  const anything = fc.string({ unit: 'binary' }).filter((text) => !/<|BREAK/.test(text) && text !== '');
  fc.assert(
    fc.property(anything, (text) => {
      const escaped = text.replace(/[\\()[\]]/g, '\\$&');
      expect(parsePrompt(escaped).pieces).toEqual([{ kind: 'text', text, weight: 1 }]);
    }),
  );
});

it('tokens do not change when a prompt is written a second time in its normal form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(tokenizer.encode(` ${text.normalize('NFD')}\n`)).toEqual(tokenizer.encode(text));
    }),
  );
});
