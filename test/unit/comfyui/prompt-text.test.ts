import { describe, expect, it } from 'vitest';
import { splitPrompt } from '#lib/comfyui/prompt-text.ts';

const embeddings = [
  { token: 'EasyNegative', comfyName: 'weighhouse/0123456789-easy' },
  { token: 'style', comfyName: 'a' },
  { token: 'style-2', comfyName: 'b' },
];

describe('a prompt in the writing of ComfyUI', () => {
  it.each([
    ['EasyNegative, bad', 'embedding:weighhouse/0123456789-easy , bad'],
    ['bad,easynegative', 'bad, embedding:weighhouse/0123456789-easy'],
    ['(EasyNegative:1.2) x', '(embedding:weighhouse/0123456789-easy:1.2) x'],
    ['((style)), [style-2]', '((embedding:a)), [embedding:b]'],
    ['style-2 style', 'embedding:b embedding:a'],
    ['lifestyle, stylers, my-style', 'lifestyle, stylers, my-style'],
    ['(style.', '(embedding:a .'],
    ['', ''],
  ])('of %j is %j', (prompt, expected) => {
    expect(splitPrompt(prompt, embeddings)).toEqual([expected]);
  });

  it('is cut at BREAK and nowhere else', () => {
    expect(splitPrompt('a BREAK\nb, BREAKFAST break', [])).toEqual(['a', 'b, BREAKFAST break']);
  });
});
