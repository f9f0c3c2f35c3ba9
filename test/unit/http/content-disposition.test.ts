import { parse } from 'content-disposition';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contentDisposition } from '#lib/http/content-disposition.ts';

const plainOf = (filename: string) =>
  /^attachment; filename="([^"]*)"$/.exec(contentDisposition('attachment', filename, { isBrowser: false }))?.[1];

it.each([
  ['model.safetensors', 'model.safetensors'],
  ['Süße "Häuser"=1.safetensors', 'Susse _Hauser_1.safetensors'],
  ['日本語モデル.safetensors', 'RiBenYumoderu.safetensors'],
  ['モデル_v2.safetensors', 'moderu_v2.safetensors'],
  ['Привет.ckpt', 'Privet.ckpt'],
  ['한국어.ckpt', 'HanGugEo.ckpt'],
  ['a=b;c%41\\d/e:f.pt', 'a_b_c_41_d_e_f.pt'],
  ['“quoted”.png', '_quoted_.png'],
  ['\u{1f600}.webp', '_grinning_.webp'],
  ['\u{e000}\u{e001}.safetensors', 'model.safetensors'],
  ['..\\..\\x.ckpt', '_.._x.ckpt'],
  ['.safetensors', 'model.safetensors'],
  ['\ud800.safetensors', 'model.safetensors'],
  ['', 'model'],
])('%j is plainly %j', (filename, plain) => {
  expect(plainOf(filename)).toBe(plain);
});

it('has the name as it is beside the plain one, for browsers', () => {
  expect(contentDisposition('inline', 'モデル=1.png', { isBrowser: true })).toBe(
    `inline; filename="moderu_1.png"; filename*=UTF-8''%E3%83%A2%E3%83%87%E3%83%AB%3D1.png`,
  );
  expect(contentDisposition('inline', 'a.png', { isBrowser: true })).toBe('inline; filename="a.png"');
});

it('is one quoted ASCII name that every client splits alike, and the very name for browsers', () => {
  const name = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(name, fc.constantFrom('', '.safetensors', '.png'), (stem, ending) => {
      const filename = stem + ending;
      const header = contentDisposition('attachment', filename, { isBrowser: false });
      // As Civitai Helper and InvokeAI take it.
      const splitAtEquals = header.split('=')[1]?.replace(/^"|"$/g, '');
      expect(header).toMatch(/^attachment; filename="[ -~]+"$/);
      expect(splitAtEquals).toBe(/filename="(.+)"/.exec(header)?.[1]);
      expect(splitAtEquals).toBe(parse(header).parameters.filename);
      expect(splitAtEquals).not.toMatch(/["\\=;%/<>:|?*]|^[ .]|[ .]$/);
      expect(splitAtEquals?.endsWith(ending)).toBe(true);
      const forBrowsers = parse(contentDisposition('attachment', filename, { isBrowser: true }));
      expect(forBrowsers.parameters.filename).toBe(filename);
    }),
  );
});
