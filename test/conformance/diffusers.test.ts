import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileSource } from '#scanner/index.ts';
import { convertToSingleFile, findModelAt, openModel, readModelFolder } from '#scanner/multi-file/index.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';

const SCRIPT = join(import.meta.dirname, 'python', 'diffusers_folders.py');
const python = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-I', '-c', 'import diffusers, transformers'], { stdio: 'ignore' }).status === 0);
if (python === undefined)
  console.info('No python3 with diffusers here: the comparison with its conversion of checkpoints is left out.');

function run(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python ?? '', ['-I', SCRIPT, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

async function convert(folder: string): Promise<string> {
  const found = findModelAt(folder);
  if (found === null) throw new Error(`${folder} is no model.`);
  using model = openModel(readModelFolder(found.root, found.group));
  expect(model.findings).toEqual([]);
  const target = `${folder}.safetensors`;
  await convertToSingleFile(model, target);
  return target;
}

function metadataOf(path: string): ReadonlyMap<string, string> {
  using source = openFileSource(path);
  return readTensorTable(source).metadata;
}

const NOTHING = { missing: [], extra: [], different: [] };

describe.runIf(python !== undefined)('diffusers makes of a single file the tensors of the folder', () => {
  const out = mkdtempSync(join(tmpdir(), 'weighhouse diffusers '));
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  it('SD 1, SD 2 and SDXL: every tensor by name, shape and bytes', async () => {
    run('make', out);
    const said = new Map<string, string | undefined>();
    for (const base of ['sd1', 'sd2', 'sdxl']) {
      const metadata = metadataOf(await convert(join(out, base)));
      said.set(metadata.get('modelspec.architecture') ?? '', metadata.get('modelspec.prediction_type'));
    }
    const answer = JSON.parse(run('check', out).trim().split('\n').at(-1) ?? '');
    expect(answer).toEqual({
      sd1: {
        unet: { tensors: 686, ...NOTHING },
        vae: { tensors: 244, ...NOTHING },
        text_encoder: { tensors: 36, ...NOTHING },
      },
      sd2: {
        unet: { tensors: 686, ...NOTHING },
        vae: { tensors: 244, ...NOTHING },
        text_encoder: { tensors: 372, ...NOTHING },
      },
      sdxl: {
        unet: { tensors: 1680, ...NOTHING },
        vae: { tensors: 244, ...NOTHING },
        text_encoder: { tensors: 36, ...NOTHING },
        text_encoder_2: { tensors: 517, ...NOTHING },
      },
    });
    expect([...said]).toEqual([
      ['stable-diffusion-v1', 'epsilon'],
      ['stable-diffusion-v2-768-v', 'v'],
      ['stable-diffusion-xl-v1-base', 'epsilon'],
    ]);
  });
});
