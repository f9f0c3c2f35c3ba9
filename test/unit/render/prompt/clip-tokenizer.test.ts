import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ClipTokenizer, MAX_PROMPT_LENGTH } from '#lib/render/prompt/index.ts';
import { readGolden } from './goldens.ts';

const tokenizer = new ClipTokenizer();

describe("CLIP's tokenizer", () => {
  it('gives what CLIP was trained on', () => {
    expect(tokenizer.encode('A photo of a cat')).toEqual([320, 1125, 539, 320, 2368]);
  });

  it('reads over a thousand odd prompts as transformers does', () => {
    const prompts = readGolden<[string, number[]][]>('odd-prompts');
    expect(prompts.length).toBeGreaterThan(1000);
    const different = prompts.filter(([prompt, ids]) => tokenizer.encode(prompt).join() !== ids.join());
    expect(different.map(([prompt]) => prompt)).toEqual([]);
  });

  it('reads every assigned character as transformers does', () => {
    const runs = readGolden<[number, number, string][]>('code-points');
    const different = runs.filter(([first, last, digest]) => {
      const lines = Array.from({ length: last - first + 1 }, (_, index) =>
        tokenizer.encode(`a${String.fromCodePoint(first + index).repeat(2)}A`).join(),
      );
      return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12) !== digest;
    });
    expect(runs.reduce((count, [first, last]) => count + last - first + 1, 0)).toBeGreaterThan(140_000);
    expect(different).toEqual([]);
  });

  it('reads surrogates that stand alone as the replacement character', () => {
    expect(tokenizer.encode('a\ud800b')).toEqual(tokenizer.encode('a\ufffdb'));
  });

  it.each([
    ['one letter', 'a'],
    ['words', 'a photo, '],
    ['marks that have to be sorted', '\u0315\u0316'],
    ['letters that come apart', '\u{1d160}'],
    ['letters without space', '漢字'],
  ])('reads the longest prompt of %s', (_, part) => {
    const prompt = part.repeat(MAX_PROMPT_LENGTH / part.length);
    expect(tokenizer.encode(prompt).length).toBeGreaterThan(MAX_PROMPT_LENGTH / 10);
  });

  it('refuses a longer one in a sentence', () => {
    const text = 'a'.repeat(MAX_PROMPT_LENGTH + 1);
    expect(() => tokenizer.encode(text)).toThrow(
      expect.objectContaining({
        name: 'RenderError',
        code: 'bad_request',
        message: 'The prompt is too long: the maximum is 100,000 characters.',
      }),
    );
  });
});
