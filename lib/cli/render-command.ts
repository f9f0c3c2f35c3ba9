import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { hashFile } from '#scanner/hashes/index.ts';
import { AppError } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';
import { describeTile, encodePng, type KnownHashes, renderGrid, writeInfotext } from '../pictures/index.ts';
import {
  type ModelFileRef,
  openRenderer,
  type Picture,
  PROVIDERS,
  type Provider,
  RenderError,
  type RenderReport,
  type RenderRequest,
  SAMPLERS,
  type Sampler,
  type TileRequest,
} from '../render/index.ts';
import { EXIT_INTERRUPTED } from './exit-codes.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { addLora, type LoraOption } from './lora-option.ts';
import { parseNumber } from './number-option.ts';
import { checkPaths } from './output-path.ts';
import { showProgress } from './progress.ts';
import { plain } from './terminal-text.ts';
import { writeOutput } from './write-output.ts';

interface Options {
  out: string;
  prompt: string;
  negative: string;
  seed: number;
  steps: number;
  sampler: Sampler;
  cfg: number;
  size?: { width: number; height: number };
  clipSkip: number;
  lora: LoraOption[];
  sweep?: number[];
  embedding: string[];
  vae?: string;
  prediction?: 'epsilon' | 'v';
  provider: Provider | 'auto';
  memory?: number;
  threads?: number;
  hashes: boolean;
  force: boolean;
  format: Format;
}

const GIB = 1024 ** 3;
/** Without a GPU a picture of this size takes about a minute; with one the size that its base was trained at. */
const DEFAULT_SIZE = { processor: 256, gpu: 512 };

export function renderCommand(): Command {
  return new Command('render')
    .argument('<checkpoint>', 'a .safetensors checkpoint of SD 1.x, 2.x or SDXL')
    .requiredOption('--out <file>', 'output file (.png)')
    .requiredOption('--prompt <text>', 'what to show; (word:1.2) and BREAK work as in AUTOMATIC1111')
    .option('--negative <text>', 'what to avoid', '')
    .option('--seed <number>', 'seed of the noise: the same seed renders the same image', parseNumber, 1)
    .option('--steps <number>', 'number of sampling steps', parseNumber, 20)
    .addOption(new Option('--sampler <name>', 'sampling method').choices(SAMPLERS).default('DPM++ 2M Karras'))
    .option('--cfg <number>', 'CFG scale: how closely to follow the prompt', parseNumber, 7)
    .option('--size <pixels>', 'WIDTHxHEIGHT, or one number for both (default: 512, or 256 without a GPU)', parseSize)
    .option('--clip-skip <number>', '1 for the last layer of the text encoder, 2 for the one before', parseNumber, 1)
    .option('--lora <file[:weight[,text]]>', 'apply this LoRA with this weight; can be repeated', addLora, [])
    .option('--sweep <weights>', 'render one image for each LoRA weight, as a labelled row', parseWeights)
    .option('--embedding <file>', 'a textual inversion; its file name is its trigger word in the prompt', addPath, [])
    .option('--vae <file>', 'use this VAE instead of the VAE of the checkpoint')
    .addOption(
      new Option('--prediction <kind>', 'prediction type, if the weights do not show it').choices(['epsilon', 'v']),
    )
    .addOption(new Option('--provider <name>', 'device to render on').choices(['auto', ...PROVIDERS]).default('auto'))
    .option('--memory <GiB>', 'memory limit (default: most of the free memory)', parseNumber)
    .option('--threads <number>', 'CPU threads (default: number of cores)', parseNumber)
    .option('--no-hashes', 'do not save the hashes of the models in the image; starts faster')
    .option('--force', 'overwrite the output file', false)
    .addOption(formatOption())
    .addHelpText(
      'after',
      [
        '',
        'The parameters are saved in the image as in AUTOMATIC1111. `weighhouse doctor` shows the devices of this machine.',
        '',
        '  weighhouse render model.safetensors --prompt "a lighthouse at dusk" --seed 7 --out lighthouse.png',
        '  weighhouse render model.safetensors --lora style.safetensors:0.8 --prompt "a cat" --out cat.png',
        '  weighhouse render model.safetensors --lora style.safetensors --sweep 0,0.5,1 --prompt "a cat" --out sweep.png',
      ].join('\n'),
    )
    .action(render);
}

function parseSize(text: string): { width: number; height: number } {
  const [, width, height = width] = /^(\d+)(?:[x×](\d+))?$/.exec(text) ?? [];
  if (width === undefined) throw new InvalidArgumentError('Use a size in pixels, such as 512x768.');
  return { width: Number(width), height: Number(height) };
}

function parseWeights(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(parseNumber);
}

function addPath(text: string, others: string[]): string[] {
  return [...others, text];
}

async function render(checkpoint: string, options: Options): Promise<void> {
  const { out, force, lora, sweep } = options;
  checkPaths(checkpoint, out, force);
  if (sweep !== undefined && lora.length !== 1)
    throw new AppError('bad_request', '--sweep needs a LoRA. Add it with --lora.');
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);

  const renderer = openRenderer({
    provider: options.provider,
    memoryLimit: options.memory === undefined ? null : options.memory * GIB,
    threads: options.threads ?? null,
  });
  const bar = await showProgress('Rendering', out);
  try {
    const size = options.size ?? (await defaultSize(renderer, options.provider));
    const request = requestOf(checkpoint, options, size);
    // Reads the models whole, in parallel with the rendering that takes longer.
    const hashes = options.hashes ? hashModels(request) : Promise.resolve(new Map<string, KnownHashes>());
    hashes.catch(() => {});
    const pictures: Picture[] = [];
    const total = request.tiles.reduce((sum, { steps }) => sum + steps, 0);
    let steps = 0;
    const report = await renderer.render(request, {
      signal: stop.signal,
      onEvent(event) {
        if (event.kind === 'tile') pictures[event.tile] = event.picture;
        if (event.kind === 'step') {
          steps += 1;
          bar.update(steps / (total + request.tiles.length));
        }
      },
    });
    const png = await encode(request, pictures, await hashes, sweep ?? null);
    await writePng(out, force, png);
    bar.end();
    print(out, report, pictures, options.format);
  } catch (error) {
    bar.end();
    if (!(error instanceof RenderError)) throw error;
    if (error.code === 'cancelled') process.exitCode = EXIT_INTERRUPTED;
    else throw new AppError('conflict', `Rendering failed. ${plain(error.message)}`, { cause: error });
  } finally {
    process.off('SIGINT', interrupt);
    await renderer.close();
  }
}

async function defaultSize(
  renderer: ReturnType<typeof openRenderer>,
  provider: Provider | 'auto',
): Promise<{ width: number; height: number }> {
  const states = provider === 'auto' ? await renderer.probe() : [];
  const best = provider === 'auto' ? states.find(({ reason }) => reason === null)?.provider : provider;
  const side = best === 'cpu' ? DEFAULT_SIZE.processor : DEFAULT_SIZE.gpu;
  return { width: side, height: side };
}

function requestOf(checkpoint: string, options: Options, size: { width: number; height: number }): RenderRequest {
  const { prompt, negative, seed, steps, sampler, cfg, clipSkip, lora, sweep, embedding, vae, prediction } = options;
  const tile: TileRequest = {
    prompt,
    negativePrompt: negative,
    seed,
    steps,
    sampler,
    cfgScale: cfg,
    ...size,
    clipSkip,
    loraWeights: lora.map(({ weight, textWeight = weight }) => ({ unet: weight, text: textWeight })),
  };
  return {
    checkpoint: refOf(checkpoint),
    ...(vae === undefined ? {} : { vae: refOf(vae) }),
    loras: lora.map(({ path }) => refOf(path)),
    embeddings: embedding.map((path) => ({ ...refOf(path), token: refOf(path).name })),
    ...(prediction === undefined ? {} : { prediction }),
    tiles: sweep === undefined ? [tile] : sweep.map((weight) => ({ ...tile, loraWeights: [weight] })),
  };
}

function refOf(path: string): ModelFileRef {
  return { path: resolve(path), name: basename(path).replace(/\.[^.]+$/, '') };
}

async function hashModels({ checkpoint, vae, loras, embeddings }: RenderRequest): Promise<Map<string, KnownHashes>> {
  const files = [checkpoint, ...(vae === undefined ? [] : [vae]), ...loras, ...embeddings];
  const hashes = new Map<string, KnownHashes>();
  for (const { path } of files) {
    const { sha256, autov3 } = await hashFile(path);
    hashes.set(path, { sha256, autoV3: autov3 });
  }
  return hashes;
}

async function encode(
  request: RenderRequest,
  pictures: readonly Picture[],
  hashes: ReadonlyMap<string, KnownHashes>,
  sweep: readonly number[] | null,
): Promise<Uint8Array> {
  const [tile] = request.tiles;
  const [picture] = pictures;
  if (tile === undefined || picture === undefined) throw new RenderError('crash', 'The renderer returned no image.');
  const { width, height } = picture;
  const infotext = writeInfotext(
    describeTile(request, { ...tile, width, height }, ({ path }) => hashes.get(path) ?? null),
  );
  if (sweep === null) return await encodePng(picture, infotext);
  const grid = await renderGrid({
    columns: { title: `LoRA weight of ${request.loras[0]?.name ?? ''}`, labels: sweep.map(String) },
    rows: { title: 'Seed', labels: [String(tile.seed)] },
    cells: pictures.map((one) => ({ picture: one })),
    tile: { width, height },
    infotext,
  });
  return grid.png;
}

async function writePng(output: string, force: boolean, png: Uint8Array): Promise<void> {
  await writeOutput({ target: resolve(output), output, force }, (part) => writeFile(part, png));
}

function print(out: string, report: RenderReport, pictures: readonly Picture[], format: Format): void {
  if (format === 'json') {
    printJson({ out, pictures: pictures.map(({ width, height }) => ({ width, height })), ...report });
    return;
  }
  const { provider, device, precision, loadSeconds, secondsPerStep, peakMemory, rejected, notes } = report;
  const sizes = pictures.map(({ width, height }) => `${width}×${height}`);
  console.log(`${plain(out)}: ${[...new Set(sizes)].join(', ')} on ${provider} (${device}), ${precision}`);
  console.log(
    `  ${secondsPerStep.toPrecision(3)} s per step, ${loadSeconds.toPrecision(3)} s to load, ${formatBytes(peakMemory)} of memory`,
  );
  for (const note of notes) console.log(`  ${note}`);
  for (const { provider: other, reason } of rejected) console.log(`  not on ${other}: ${plain(reason)}`);
}
