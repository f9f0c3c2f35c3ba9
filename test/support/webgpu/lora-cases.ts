import type { GraphTarget } from '#lib/render/onnx/index.ts';
import { buildCase, caseOf, type LoraFolder, parameterInputs } from '../../fixtures/render/lora-cases.ts';
import type { GraphCase } from './graph-case.ts';

/** Of every way in which a LoRA changes a layer the one with most operators. */
const CASES: readonly string[] = [
  'LoRA',
  'LoCon, stride 2',
  'LoCon with a core of rank 6',
  'LoHa with cores, stride 2',
  'LoKr with a core, stride 2',
  'GLoRA of a kernel, stride 2',
  'OFT with a constraint and rescaling, stride 2',
  'numbers that take the place of others',
  'DoRA by inputs of a kernel with a core, stride 2',
  'a norm of groups',
];

const nameOf = (name: string) => `a layer with a LoRA: ${name}`;

export const LORA_NAMES = CASES.map(nameOf);

/** Single layers with LoRAs, as `test/conformance/python/lora_goldens.py` lists them. Dispose of the folder afterwards. */
export async function listLoraCases(folder: LoraFolder, target: GraphTarget): Promise<GraphCase[]> {
  const cases: GraphCase[] = [];
  for (const name of CASES) {
    const one = caseOf(name);
    const checkpoint = folder.checkpointOf(one, 'F16');
    // What it worked out goes with the folder.
    const { patches, inputs: valuesOf } = await folder.prepare(checkpoint, [folder.write(name, one.lora, 'F16')]);
    cases.push({
      name: nameOf(name),
      make() {
        const { graph, inputs } = buildCase(one, checkpoint, { patches, target });
        const built = graph.build();
        return { graph: built, inputs: { ...inputs, ...parameterInputs(built, valuesOf([0.8])) } };
      },
    });
  }
  return cases;
}
