import { join } from 'node:path';
import type { GraphTarget } from '#lib/render/onnx/index.ts';
import { buildTextEncoder, readTextEncoders } from '#lib/render/text/index.ts';
import { buildUnet, readUnet } from '#lib/render/unet/index.ts';
import { buildVaeDecoder, readVae } from '#lib/render/vae/index.ts';
import { openWeightFile } from '#lib/render/weights/index.ts';
import { type SmallBase, writeSmallCheckpoint } from '../../fixtures/render/small-models.ts';
import { randomInput, type UnetCase } from '../../fixtures/render/unet-cases.ts';
import { inputsOf, writeSmallUnet } from '../../fixtures/render/unet-files.ts';
import { IS_FULL } from '../full.ts';
import type { GraphInput } from '../onnx-session.ts';
import type { GraphCase } from './graph-case.ts';

const UNETS: readonly UnetCase[] = [
  { network: 'sd1', batch: 2, height: 8, width: 8, tokens: 77, timestep: 801 },
  // SD 2.x has nothing that these two have not.
  { network: 'sdxl', batch: 1, height: 9, width: 13, tokens: 77, timestep: 201 },
];
const TEXTS: readonly SmallBase[] = ['sd1', 'sd2', 'sdxl'];

const unetName = ({ network, batch, height, width }: UnetCase) => `UNet of ${network}, ${batch} × ${height} × ${width}`;
const textName = (base: SmallBase) => `text encoder of ${base}`;

/**
 * These draw a picture on the same GPU in engine.test.ts, which compares it with the processor's. A driver in software
 * translates shaders for minutes, so that their numbers are compared with `npm run test:conformance` alone.
 */
const DRAWN_ELSEWHERE: readonly string[] = [textName('sd1'), ...UNETS.slice(0, 1).map(unetName), 'VAE decoder'];

const isTried = (name: string) => IS_FULL || !DRAWN_ELSEWHERE.includes(name);

export const NETWORK_NAMES = [...TEXTS.map(textName), ...UNETS.map(unetName), 'VAE decoder'].filter(isTried);

/** Graphs of whole networks, narrow ones. Writes their weights into the folder. */
export function listNetworkCases(folder: string, target: GraphTarget): GraphCase[] {
  return allNetworkCases(folder, target).filter(({ name }) => isTried(name));
}

function allNetworkCases(folder: string, target: GraphTarget): GraphCase[] {
  const checkpoint = (base: SmallBase) => {
    const path = join(folder, `${base}.safetensors`);
    writeSmallCheckpoint(path, base);
    return openWeightFile(path);
  };
  const texts = TEXTS.map((base) => ({ name: textName(base), make: () => makeText(checkpoint(base), base, target) }));
  const unets = UNETS.map((unet) => ({
    name: unetName(unet),
    make() {
      const path = join(folder, `unet-${unet.network}.safetensors`);
      writeSmallUnet(path, { network: unet.network, dtype: 'F16' });
      const { batch, height, width, tokens } = unet;
      const build = { target, batch, latentHeight: height, latentWidth: width, tokens };
      return { graph: buildUnet(readUnet(openWeightFile(path)), build), inputs: inputsOf(unet) };
    },
  }));
  return [
    ...texts,
    ...unets,
    {
      name: 'VAE decoder',
      make() {
        const vae = present(readVae(checkpoint('sd1')));
        const graph = buildVaeDecoder(vae, { target, latentHeight: 4, latentWidth: 5 });
        return { graph, inputs: { latent: random('latent', [1, 4, 4, 5]) } };
      },
    },
  ];
}

/** The last encoder of the base: the one with a pooled vector where there is one. */
function makeText(file: ReturnType<typeof openWeightFile>, base: SmallBase, target: GraphTarget) {
  const encoder = present(readTextEncoders(file, base).at(-1));
  const pooled = encoder.projection !== undefined;
  const state = { layers: encoder.layers.length, finalNorm: true };
  const graph = buildTextEncoder(encoder, { target, batch: 2, state, pooled });
  const ids = Int32Array.from({ length: 2 * encoder.positions }, (_, index) => (index * 7919) % 49_408);
  const inputs: Record<string, GraphInput> = {
    ids: { type: 'int32', data: ids, shape: [2, encoder.positions] },
    ...(pooled ? { end: { type: 'int32', data: Int32Array.of(5, 76), shape: [2] } } : {}),
  };
  return { graph, inputs };
}

function random(name: string, shape: readonly number[]): GraphInput {
  const count = shape.reduce((product, side) => product * side, 1);
  return { type: 'float32', data: randomInput(name, count), shape };
}

function present<Part>(part: Part | null | undefined): Part {
  if (part === null || part === undefined) throw new Error('The small checkpoint lacks a part.');
  return part;
}
