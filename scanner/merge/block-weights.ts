import { MergeError } from './errors.ts';

/** Input and output blocks of each UNet; between them is one middle. */
const BLOCKS: Readonly<Record<string, number>> = { sd1: 12, sd2: 12, sdxl: 9 };
const PREFIX = 'model.diffusion_model.';

/**
 * The weight of every tensor by its name. `blocks` are inputs, the middle and outputs, in the order that SuperMerger and
 * MBW use; one more number in front (BASE) takes the place of `base`. Throws MergeError for numbers that do not fit the
 * base version.
 */
export function weightByTensor(
  baseVersion: string,
  blocks: readonly number[] | undefined,
  base: number,
): (name: string) => number {
  if (blocks === undefined) return () => base;
  const half = BLOCKS[baseVersion];
  if (half === undefined) {
    throw new MergeError('bad-blocks', `Block weights are supported for sd1, sd2 and sdxl, not for ${baseVersion}.`);
  }
  const count = 2 * half + 1;
  if (blocks.length !== count && blocks.length !== count + 1) {
    throw new MergeError(
      'bad-blocks',
      `The base model ${baseVersion} takes ${count} block weights, or ${count + 1} with the base weight in front. ${blocks.length} were given.`,
    );
  }
  const hasBase = blocks.length === count + 1;
  const weights = hasBase ? blocks.slice(1) : blocks;
  const rest = hasBase ? (blocks[0] ?? base) : base;
  return (name) => {
    const block = blockOf(name, half);
    return block === null ? rest : (weights[block] ?? rest);
  };
}

/** Whether names are those that blocks are counted by. */
export function hasBlocks(names: Iterable<string>): boolean {
  for (const name of names) if (name.startsWith(`${PREFIX}input_blocks.`)) return true;
  return false;
}

/** The index of a tensor's block: embeddings of time and label count as the first input, the last layer as the last output. */
function blockOf(name: string, half: number): number | null {
  if (!name.startsWith(PREFIX)) return null;
  const rest = name.slice(PREFIX.length);
  const numbered = /^(input|output)_blocks\.(\d+)\./.exec(rest);
  if (numbered !== null) return Number(numbered[2]) + (numbered[1] === 'output' ? half + 1 : 0);
  if (rest.startsWith('middle_block.')) return half;
  if (/^(?:time_embed|label_emb)\./.test(rest)) return 0;
  return rest.startsWith('out.') ? 2 * half : null;
}
