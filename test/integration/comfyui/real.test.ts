import { describe, expect, it } from 'vitest';
import { readAddress } from '#lib/comfyui/address.ts';
import { checkComfy, openComfyRenderer } from '#lib/comfyui/index.ts';
import { listModels } from '#lib/comfyui/object-info.ts';
import type { Picture } from '#lib/render/index.ts';
import { tileOf } from '../../support/comfyui-request.ts';

/** A real ComfyUI with at least one checkpoint, and the base of that one. */
const address = process.env.WEIGHHOUSE_TEST_COMFYUI;
const base = process.env.WEIGHHOUSE_TEST_COMFYUI_BASE ?? 'sd1';
const wanted = process.env.WEIGHHOUSE_TEST_COMFYUI_CHECKPOINT;

if (!address) console.info('No real ComfyUI is asked: set WEIGHHOUSE_TEST_COMFYUI=http://host:8188 to do so.');

describe.skipIf(!address)('a real ComfyUI', () => {
  it('has all nodes that the workflows of its base need', async () => {
    const check = await checkComfy({ address: address! }, [base]);
    expect(check.missing[base]).toEqual([]);
    console.info(`ComfyUI ${check.version} on ${check.device}`);
  });

  it('draws the same picture for one seed and another for the next, with steps', async () => {
    const listed = await listModels(readAddress(address!), 'checkpoints', 30);
    const comfyName = wanted ?? listed[0]!;
    const renderer = openComfyRenderer({ address: address! });
    const pictures: Picture[] = [];
    let steps = 0;
    // The file is the server's own: nothing of it is read here.
    const checkpoint = { path: '/', name: comfyName };
    const tile = { width: 256, height: 256, steps: 4, sampler: 'Euler' } as const;
    const report = await renderer.render(
      {
        base,
        checkpoint,
        loras: [],
        embeddings: [],
        files: [{ path: '/', sha256: '0'.repeat(64), comfyName }],
        parts: { textEncoders: true, vae: true },
        tiles: [tileOf(tile), tileOf({ ...tile, seed: 43 }), tileOf(tile)],
      },
      {
        onEvent(event) {
          if (event.kind === 'tile') pictures.push(event.picture);
          if (event.kind === 'step') steps += 1;
        },
      },
    );
    await renderer.close();
    expect(pictures.map(({ width, height }) => [width, height])).toEqual(Array(3).fill([256, 256]));
    expect(Buffer.compare(pictures[0]!.pixels, pictures[1]!.pixels)).not.toBe(0);
    expect(Buffer.compare(pictures[0]!.pixels, pictures[2]!.pixels)).toBe(0);
    expect(steps).toBeGreaterThan(3);
    console.info(report);
  });
});
