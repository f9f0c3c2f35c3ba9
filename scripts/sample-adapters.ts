// Adapters as people have many, without weights worth anything: what the snapshot of the stages is made by.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysOf, TEMPLATES } from '#scanner/templates/index.ts';

/** The networks that most adapters are made for, by the ids of their templates. */
const COMMON = /^(?:sd1|sdxl|flux1\/dev)\/backbone\/(?:original|diffusers)$/;
/** Adapters of a small file have about as many. */
const MODULES = 264;
const RANK = 1;
const BYTES_PER_NUMBER = 2;
const METADATA = {
  format: 'pt',
  ss_network_module: 'networks.lora',
  ss_network_dim: '1',
  ss_network_alpha: '1',
  ss_tag_frequency: '{"1_a":{"a":1}}',
};
type Shapes = Record<string, readonly number[]>;

/** Writes adapters of common networks in common namings into a folder. Returns their paths. */
export function writeSampleAdapters(folder: string): string[] {
  return [...adapters()].map((shapes, index) => {
    const path = join(folder, `${index}.safetensors`);
    writeFileSync(path, safetensors(shapes));
    return path;
  });
}

function* adapters(): Generator<Shapes> {
  for (const template of TEMPLATES.filter(({ id }) => COMMON.test(id))) {
    const layers = [...keysOf(template)].filter(([name, shape]) => name.endsWith('.weight') && shape.length === 2);
    const modules = layers.slice(0, MODULES).map(([name, shape]) => [name.slice(0, -'.weight'.length), shape] as const);
    yield adapter(modules, (name) => `lora_unet_${name.replaceAll('.', '_')}`, ['lora_down', 'lora_up']);
    yield adapter(modules, (name) => `diffusion_model.${name}`, ['lora_A', 'lora_B']);
  }
}

function adapter(
  modules: readonly (readonly [name: string, shape: readonly number[]])[],
  nameOf: (name: string) => string,
  [down, up]: readonly [down: string, up: string],
): Shapes {
  const pairs = modules.flatMap(([name, [rows = 1, columns = 1]]) => [
    [`${nameOf(name)}.alpha`, []] as const,
    [`${nameOf(name)}.${down}.weight`, [RANK, columns]] as const,
    [`${nameOf(name)}.${up}.weight`, [rows, RANK]] as const,
  ]);
  return Object.fromEntries(pairs);
}

function safetensors(shapes: Shapes): Buffer {
  let end = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const begin = end;
    end += BYTES_PER_NUMBER * shape.reduce((product, size) => product * size, 1);
    return [name, { dtype: 'F16', shape, data_offsets: [begin, end] }] as const;
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: METADATA, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(end)]);
}
