// Adapters as people have many, without weights worth anything: what the snapshot of the stages is made by.
import { join } from 'node:path';
import { type TensorSpec, writeSafetensorsFile } from '#lib/demo/index.ts';
import { keysOf, TEMPLATES } from '#scanner/templates/index.ts';

/** The networks that most adapters are made for, by the ids of their templates. */
const COMMON = /^(?:sd1|sdxl|flux1\/dev)\/backbone\/(?:original|diffusers)$/;
/** Adapters of a small file have about as many. */
const MODULES = 264;
const RANK = 1;
const METADATA = {
  format: 'pt',
  ss_network_module: 'networks.lora',
  ss_network_dim: '1',
  ss_network_alpha: '1',
  ss_tag_frequency: '{"1_a":{"a":1}}',
};

/** Writes adapters of common networks in common namings into a folder. Returns their paths. */
export function writeSampleAdapters(folder: string): string[] {
  return [...adapters()].map((tensors, index) => {
    const path = join(folder, `${index}.safetensors`);
    writeSafetensorsFile(path, { tensors, metadata: METADATA });
    return path;
  });
}

function* adapters(): Generator<TensorSpec[]> {
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
): TensorSpec[] {
  return modules.flatMap(([name, [rows = 1, columns = 1]]) => [
    zeros(`${nameOf(name)}.alpha`, []),
    zeros(`${nameOf(name)}.${down}.weight`, [RANK, columns]),
    zeros(`${nameOf(name)}.${up}.weight`, [rows, RANK]),
  ]);
}

function zeros(name: string, shape: readonly number[]): TensorSpec {
  return { name, shape, dtype: 'F16', data: 'zeros' };
}
