import { describe, expect, it } from 'vitest';
import { makeVisible, visibleText } from '#app/components/visible-text.ts';

describe('visibleText', () => {
  it('spells out what turns a line around or shows nothing', () => {
    expect(visibleText('harbour\u202Egnp.ckpt')).toBe('harbour[U+202E]gnp.ckpt');
    expect(visibleText('a\u200Bb\uFEFFc\u2066d\u0007')).toBe('a[U+200B]b[U+FEFF]c[U+2066]d[U+0007]');
    expect(visibleText('\u{E0041}')).toBe('[U+E0041]');
  });

  it('leaves every script, emoji and line alone', () => {
    const text = 'Señor مرحبا 夜景 👩‍🎨\n\tnext';
    expect(visibleText(text)).toBe(text);
    expect(visibleText('one\r\ntwo')).toBe('one\ntwo');
  });

  it('reaches every text of plain data and nothing else', () => {
    expect(makeVisible({ 'k\u200B': ['v\u202E', 1, null, true] })).toEqual({
      'k[U+200B]': ['v[U+202E]', 1, null, true],
    });
  });
});
