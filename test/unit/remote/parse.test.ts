import { describe, expect, it } from 'vitest';
import { isLink } from '#lib/cli/import-link.ts';
import { withoutQuery } from '#lib/remote/public-address.ts';
import { parseSource } from '#lib/remote/sources/index.ts';

const ENDPOINTS = { huggingface: 'https://huggingface.co', civitai: 'https://civitai.com' };
const parse = (text: string) => parseSource(text, ENDPOINTS);
const hf = (repository: string, revision = 'main', path = '') => ({ kind: 'huggingface', repository, revision, path });
const civitai = (
  modelId: number | null,
  versionId: number | null = null,
  fileId: number | null = null,
  wanted = {},
) => ({
  kind: 'civitai',
  modelId,
  versionId,
  fileId,
  wanted,
});

describe('what people enter', () => {
  it.each([
    ['hf:org/name', hf('org/name')],
    ['HF:org/name', hf('org/name')],
    ['hf://org/name', hf('org/name')],
    ['hf:org/name@v1.0', hf('org/name', 'v1.0')],
    ['hf:org/name@refs/pr/1:sub/a.safetensors', hf('org/name', 'refs/pr/1', 'sub/a.safetensors')],
    ['hf:org/name:sub/', hf('org/name', 'main', 'sub')],
    ['hf:org/name/sub/a.safetensors', hf('org/name', 'main', 'sub/a.safetensors')],
    ['https://huggingface.co/org/name', hf('org/name')],
    ['https://huggingface.co/org/name/tree/main', hf('org/name')],
    ['https://huggingface.co/org/name/tree/main/sub', hf('org/name', 'main', 'sub')],
    ['https://huggingface.co/org/name/blob/main/a%20b.safetensors', hf('org/name', 'main', 'a b.safetensors')],
    ['https://hf.co/org/name/resolve/refs%2Fpr%2F1/a.ckpt?download=true', hf('org/name', 'refs/pr/1', 'a.ckpt')],
    ['urn:air:sdxl:checkpoint:huggingface:org/name.v2@main', hf('org/name.v2')],
    ['https://civitai.com/models/7', civitai(7)],
    ['https://civitai.com/models/7/a-style?modelVersionId=42', civitai(7, 42)],
    ['https://civitai.red/models/7', civitai(7)],
    ['https://civitai.com/api/download/models/42', civitai(null, 42)],
    [
      'https://civitai.com/api/download/models/42?type=Model&fp=fp16',
      civitai(null, 42, null, { type: 'Model', fp: 'fp16' }),
    ],
    ['https://civitai.com/api/v1/model-versions/42', civitai(null, 42)],
    ['https://civitai.com/api/v1/models/7', civitai(7)],
    ['civitai:7', civitai(7)],
    ['civitai:7@42', civitai(7, 42)],
    ['urn:air:sdxl:lora:civitai:7@42', civitai(7, 42)],
    ['urn:air:sdxl:lora:civitai:7@42+9.safetensors', civitai(7, 42, 9)],
    ['air:lora:civitai:7', civitai(7)],
    ['https://example.org/a.safetensors', { kind: 'url', url: 'https://example.org/a.safetensors' }],
    ['https://civitai.com/articles/1', { kind: 'url', url: 'https://civitai.com/articles/1' }],
  ])('%s', (text, source) => {
    expect(parse(text)).toEqual(source);
  });

  it.each([
    '',
    'org/name',
    'hf:name',
    'hf:../name',
    'hf:org/name:../../x',
    'hf:org/name:a\\b',
    'hf:org/na me',
    'hf:org/name@a b',
    'https://huggingface.co/datasets/org/name',
    'urn:air:sdxl:lora:civitai:x',
    'urn:air:sdxl:lora:elsewhere:7',
    'civitai:x',
  ])('refuses %s', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ fault: 'address' }));
  });

  it('knows a mirror by its address', () => {
    const mirror = { ...ENDPOINTS, huggingface: 'http://mirror.lan:8080' };
    expect(parseSource('http://mirror.lan:8080/org/name', mirror)).toEqual(hf('org/name'));
  });
});

it('keeps secrets of addresses out of logs', () => {
  expect(withoutQuery('https://user:pass@example.org/a?token=x#y')).toBe('https://example.org/a');
  expect(withoutQuery('hf:org/name@v1')).toBe('hf:org/name@v1');
});

it.each([
  ['hf:org/name', true],
  ['https://example.org/a.ckpt', true],
  ['urn:air:sdxl:lora:civitai:7', true],
  ['civitai:7', true],
  ['model.safetensors', false],
  ['C:\\models\\a.ckpt', false],
  ['./hf/model.ckpt', false],
])('tells the link %s from a file on the command line', (text, link) => {
  expect(isLink(text)).toBe(link);
});
