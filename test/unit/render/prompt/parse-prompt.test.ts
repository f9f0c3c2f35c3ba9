import { describe, expect, it } from 'vitest';
import { MAX_PROMPT_LENGTH, MAX_WEIGHT, parsePrompt } from '#lib/render/prompt/index.ts';
import { type ParsedGolden, readGolden } from './goldens.ts';

/** The pieces as `text*weight`, `|` for a break. */
function pieces(prompt: string): string {
  const shown = parsePrompt(prompt).pieces.map((piece) =>
    piece.kind === 'break' ? '|' : `${piece.text}*${Math.round(piece.weight * 1000) / 1000}`,
  );
  return shown.join(' ');
}

describe('the syntax of prompts', () => {
  it.each([
    ['a (cat:1.25)', 'a *1 cat*1.25'],
    ['((a)) [b]', 'a*1.21  *1 b*0.909'],
    [String.raw`a \(b\) \[c\] \\`, String.raw`a (b) [c] \*1`],
    ['a) b] (c', 'a) b] *1 c*1.1'],
    ['(a)(b)', 'ab*1.1'],
    ['([a)b]', 'a*1 b*0.909'],
    ['a BREAK b', 'a *1 |  b*1'],
    ['breaks BREAKS', 'breaks BREAKS*1'],
    ['(a BREAK b:1.3)', 'a *1.3 |  b*1.3'],
    ['(a:1.2.3)', 'a:1.2.3*1.1'],
    ['[a:b:0.5]', 'a:b:0.5*0.909'],
    ['[a|b] AND c', 'a|b*0.909  AND c*1'],
  ])('%s', (prompt, expected) => {
    expect(pieces(prompt)).toBe(expected);
  });

  it('takes the tags of LoRAs out and gives the text encoder its own weight', () => {
    expect(parsePrompt('<lora:a>x<lora:b:0.5>y<lora:c:0.5:0.8><lora:d:te=0.5:unet=1><hypernet:h:1>')).toEqual({
      pieces: [{ kind: 'text', text: 'xy', weight: 1 }],
      loras: [
        { name: 'a', text: 1, unet: 1 },
        { name: 'b', text: 0.5, unet: 0.5 },
        { name: 'c', text: 0.5, unet: 0.8 },
        { name: 'd', text: 0.5, unet: 1 },
      ],
      ignoredTags: ['<hypernet:h:1>'],
    });
  });

  it('agrees with A1111 told again in Python', () => {
    const goldens = readGolden<ParsedGolden[]>('parsed-prompts');
    expect(goldens.length).toBeGreaterThan(200);
    for (const golden of goldens) {
      const { pieces, loras, ignoredTags } = parsePrompt(golden.prompt);
      const shown = pieces.map((piece) => (piece.kind === 'break' ? null : [piece.text, piece.weight]));
      expect({ prompt: golden.prompt, shown, loras, ignoredTags }).toEqual({
        prompt: golden.prompt,
        shown: golden.pieces,
        loras: golden.loras,
        ignoredTags: golden.ignored,
      });
    }
  });

  it('keeps weights finite, however brackets are piled', () => {
    const [piece] = parsePrompt(`${'('.repeat(20_000)}a:${'9'.repeat(5_000)})`).pieces;
    expect(piece).toEqual({ kind: 'text', text: 'a', weight: MAX_WEIGHT });
    expect(parsePrompt(`((a:0):${'9'.repeat(500)})`).pieces).toEqual([{ kind: 'text', text: 'a', weight: 0 }]);
  });

  it.each(['(', '(a', '[a', ')', ':', ': ', ':1', '\\', '<lora:', '<a', '<lora:a>', 'BREAK '])(
    'reads nothing but %s',
    (part) => {
      const prompt = part.repeat(Math.floor(MAX_PROMPT_LENGTH / part.length));
      expect(parsePrompt(prompt).pieces.every((piece) => piece.kind === 'break' || piece.weight <= MAX_WEIGHT)).toBe(
        true,
      );
      expect(() => parsePrompt(`${prompt}${' '.repeat(part.length)}`)).toThrow('The prompt is too long');
    },
  );
});
