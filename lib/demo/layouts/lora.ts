import { type LayoutTensor, upTo } from './types.ts';
import { type AttentionPlace, listAttentions, UNETS } from './unet.ts';

/** A layer that a LoRA changes. */
interface Target {
  /** Its name in the base model, dots and all. */
  path: string;
  input: number;
  output: number;
  /** Kernel of a convolution: a pair of sides; none for a matrix. */
  kernel?: readonly number[];
}

/** Widths of a layer that a LoRA changes, as its base model has it. */
export interface LayerWidths {
  input: number;
  output: number;
}

/**
 * A LoRA as kohya's trainer writes it: for each layer a matrix down to `rank`, one up, and `alpha`. `widthsOf` says for
 * the name of a module what its layer has in a base model that is not the published one; modules without a layer there are
 * left out.
 */
export function loraLayout(
  base: 'sd1' | 'sd2' | 'sdxl',
  rank: number,
  widthsOf?: (module: string) => LayerWidths | undefined,
): LayoutTensor[] {
  const unet = listAttentions(UNETS[base]).flatMap((place) =>
    // SDXL is trained under the names of the original checkpoint, the older bases under those of diffusers.
    listUnetTargets(place, UNETS[base], base === 'sdxl' ? place.ldm : place.diffusers),
  );
  const groups: [prefix: string, targets: Target[]][] = [
    ...listEncoders(base).map(({ prefix, width, depth }): [string, Target[]] => [
      prefix,
      listEncoderTargets(width, depth),
    ]),
    ['lora_unet', unet],
  ];
  return groups.flatMap(([prefix, targets]) =>
    targets.flatMap((target) => {
      const module = `${prefix}_${target.path.replaceAll('.', '_')}`;
      if (widthsOf === undefined) return pairLayout(module, target, rank);
      const widths = widthsOf(module);
      return widths === undefined ? [] : pairLayout(module, { ...target, ...widths }, rank);
    }),
  );
}

function listEncoders(base: 'sd1' | 'sd2' | 'sdxl'): { prefix: string; width: number; depth: number }[] {
  if (base === 'sd1') return [{ prefix: 'lora_te', width: 768, depth: 12 }];
  // diffusers keeps the layers of OpenCLIP H that are used: all but the last.
  if (base === 'sd2') return [{ prefix: 'lora_te', width: 1024, depth: 23 }];
  return [
    { prefix: 'lora_te1', width: 768, depth: 12 },
    { prefix: 'lora_te2', width: 1280, depth: 32 },
  ];
}

function listEncoderTargets(width: number, depth: number): Target[] {
  return upTo(depth).flatMap((index) => {
    const path = `text_model.encoder.layers.${index}`;
    return [
      ...['k_proj', 'v_proj', 'q_proj', 'out_proj'].map((part) => ({
        path: `${path}.self_attn.${part}`,
        input: width,
        output: width,
      })),
      { path: `${path}.mlp.fc1`, input: width, output: width * 4 },
      { path: `${path}.mlp.fc2`, input: width * 4, output: width },
    ];
  });
}

function listUnetTargets(
  { channels, depth }: AttentionPlace,
  { context, linearProjection }: { context: number; linearProjection: boolean },
  path: string,
): Target[] {
  const same = { input: channels, output: channels };
  const projection = linearProjection ? same : { ...same, kernel: [1, 1] };
  const attention = (name: string, width: number): Target[] => [
    { path: `${name}.to_q`, ...same },
    { path: `${name}.to_k`, input: width, output: channels },
    { path: `${name}.to_v`, input: width, output: channels },
    { path: `${name}.to_out.0`, ...same },
  ];
  return [
    { path: `${path}.proj_in`, ...projection },
    ...upTo(depth).flatMap((index): Target[] => {
      const block = `${path}.transformer_blocks.${index}`;
      return [
        ...attention(`${block}.attn1`, channels),
        { path: `${block}.ff.net.0.proj`, input: channels, output: channels * 8 },
        { path: `${block}.ff.net.2`, input: channels * 4, output: channels },
        ...attention(`${block}.attn2`, context),
      ];
    }),
    { path: `${path}.proj_out`, ...projection },
  ];
}

function pairLayout(name: string, { input, output, kernel = [] }: Target, rank: number): LayoutTensor[] {
  return [
    { name: `${name}.alpha`, shape: [], fill: [rank] },
    { name: `${name}.lora_down.weight`, shape: [rank, input, ...kernel] },
    { name: `${name}.lora_up.weight`, shape: [output, rank, ...kernel] },
  ];
}
