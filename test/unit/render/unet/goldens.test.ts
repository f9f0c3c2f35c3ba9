import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GraphTarget } from '#lib/render/onnx/index.ts';
import { buildUnet, readUnet } from '#lib/render/unet/index.ts';
import { openWeightFile } from '#lib/render/weights/index.ts';
import { SMALL_UNETS, type SmallUnet, type UnetCase } from '#test/fixtures/render/unet-cases.ts';
import { inputsOf, renameForDiffusers, smallUnetLayout, writeSmallUnet } from '#test/fixtures/render/unet-files.ts';
import { relativeError, runGraph } from '#test/support/onnx-session.ts';

interface Goldens {
  names: Record<SmallUnet, string>;
  cases: (UnetCase & Record<'F32' | 'F16', string>)[];
}

const GOLDENS = join(import.meta.dirname, '../../../conformance/goldens/render/unet.json');
const goldens = JSON.parse(readFileSync(GOLDENS, 'utf8')) as Goldens;
const numbersOf = (text: string) => new Float32Array(Uint8Array.fromBase64(text).buffer);

const FUSED: GraphTarget = { precision: 'fp32', attention: 'fused', attentionBytes: 1 };
/** Room for the scores of a few queries of each small network at once, so that attention comes in parts. */
const IN_PARTS: GraphTarget = { precision: 'fp32', attention: 'decomposed', attentionBytes: 20_000 };
const IN_SMALLER_PARTS: GraphTarget = { ...IN_PARTS, attentionBytes: 2000 };

/** The issue asks for 1e-4; what is reached lies below 5e-6. */
const TOLERANCE = 1e-5;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighhouse-unet-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const label = ({ network, batch, height, width, timestep }: UnetCase) =>
  `${network}, ${batch} × ${height} × ${width} at ${timestep}`;

describe.each([
  { network: 'sd1', parts: IN_PARTS },
  { network: 'sd2', parts: IN_PARTS },
  { network: 'sdxl', parts: IN_SMALLER_PARTS },
] as const)('$network agrees with diffusers', ({ network, parts }) => {
  const cases = goldens.cases.filter((golden) => golden.network === network);

  test('calls its tensors by the names that the converter of diffusers gives them', () => {
    const lines = smallUnetLayout(network).map(({ name }) => `${renameForDiffusers(name)} ${name}`);
    expect(createHash('sha256').update(lines.sort().join('\n')).digest('hex')).toBe(goldens.names[network]);
  });

  test.each([
    { names: 'ldm', dtype: 'F32', target: FUSED },
    { names: 'ldm', dtype: 'F16', target: parts },
    { names: 'diffusers', dtype: 'F32', target: parts },
    { names: 'diffusers', dtype: 'F16', target: FUSED },
  ] as const)(
    'with $dtype weights under $names names, attention $target.attention',
    async ({ names, dtype, target }) => {
      const path = join(folder, `${network}-${names}-${dtype}.safetensors`);
      writeSmallUnet(path, { network, dtype, names });
      const unet = readUnet(openWeightFile(path));
      expect(unet.channels).toBe(SMALL_UNETS[network].channels);
      for (const golden of cases) {
        const { batch, height, width, tokens } = golden;
        const graph = buildUnet(unet, { target, batch, latentHeight: height, latentWidth: width, tokens });
        const { prediction } = await runGraph(graph, inputsOf(golden));
        const error = relativeError(prediction ?? [], numbersOf(golden[dtype]));
        expect(error, label(golden)).toBeLessThan(TOLERANCE);
      }
    },
  );
});
