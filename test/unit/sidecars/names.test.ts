import { describe, expect, it } from 'vitest';
import { checkSidecar, modelStem, readSidecarName } from '#scanner/sidecars/index.ts';

describe('a file beside a model', () => {
  it.each([
    ['Style.preview.png', 'preview', 'style'],
    ['Style.png', 'preview', 'style'],
    ['Style.WEBP', 'preview', 'style'],
    ['my model.v1.5.civitai.info', 'civitai', 'my model.v1.5'],
    ['style.safetensors.json', 'settings', 'style'],
    // Civitai Helper, Stability Matrix, SwarmUI and LoRA Manager.
    ['Style.preview.jpeg', 'preview', 'style'],
    ['Style.thumb.jpg', 'preview', 'style'],
    ['Style.thumbnail.webp', 'preview', 'style'],
    ['style.metadata.json', 'settings', 'style'],
    ['style.swarm.json', 'settings', 'style'],
    ['style.cm-info.json', 'settings', 'style'],
    ['v2-inference.yaml', 'config', 'v2-inference'],
    ['v2.YML', 'config', 'v2'],
  ])('%s is known by its name', (filename, kind, stem) => {
    expect(readSidecarName(filename)).toEqual({ kind, stem });
  });

  it.each(['model.ckpt', 'model.safetensors', 'json', '.json', '.png', 'notes.txt', 'model.png.ckpt'])(
    '%s is none',
    (filename) => {
      expect(readSidecarName(filename)).toBeNull();
    },
  );

  it('shares its name with a model file of any format', () => {
    expect(['Style.ckpt', 'style.PT', 'STYLE.safetensors', 'style'].map(modelStem)).toEqual(
      Array.from({ length: 4 }, () => 'style'),
    );
  });

  const pickle = Buffer.from('cposix\nsystem\n(Vecho harmless\ntR.');
  it('must be what its name says, or it is scanned as every other file', () => {
    expect(checkSidecar('preview', Buffer.from('89504e470d0a1a0a00', 'hex'))).toBe('image/png');
    expect(checkSidecar('preview', Buffer.from('ffd8ffe000', 'hex'))).toBe('image/jpeg');
    expect(checkSidecar('preview', Buffer.from('RIFF0000WEBPVP8 '))).toBe('image/webp');
    expect(checkSidecar('settings', Buffer.from('{"activation text": "x"}'))).toBe('application/json');
    expect(checkSidecar('config', Buffer.from('model:\n  parameterization: "v"\n'))).toBe('text/plain');
    for (const kind of ['preview', 'settings', 'civitai'] as const) expect(checkSidecar(kind, pickle)).toBeNull();
    expect(checkSidecar('preview', Buffer.from('<svg onload="alert(1)"/>'))).toBeNull();
    expect(checkSidecar('settings', Buffer.from('"text"'))).toBeNull();
    expect(checkSidecar('config', Buffer.from([0x80, 0x02, 0x2e]))).toBeNull();
    expect(checkSidecar('config', Buffer.from('a\0b'))).toBeNull();
    expect(checkSidecar('config', Buffer.alloc(0))).toBeNull();
    expect(checkSidecar('config', Buffer.alloc(8 * 1024 * 1024 + 1, 'a'))).toBeNull();
  });
});
