import { statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { Command } from 'commander';
import type { TargetDtype } from '#scanner/convert/index.ts';
import { FileError } from '#scanner/errors.ts';
import { sha256OfFile } from '#scanner/hashes/index.ts';
import { formatReportText, openFileSource, scan } from '#scanner/index.ts';
import { type MergeModel, type MergeReport, type MergeRequest, mergeModels, modelsOf } from '#scanner/merge/index.ts';
import { withoutModelEnding } from '#scanner/model-files.ts';
import { AppError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { dtypeOption } from './dtype-option.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { addLora, type LoraOption } from './lora-option.ts';
import { parseNumber } from './number-option.ts';
import { checkPaths } from './output-path.ts';
import { showProgress } from './progress.ts';
import { plain, wantsColour } from './terminal-text.ts';
import { writeOutput } from './write-output.ts';

interface Options {
  out: string;
  weight?: number;
  blocks?: number[];
  lora: LoraOption[];
  vae?: string;
  dtype: TargetDtype | null;
  name?: string;
  force: boolean;
  format: Format;
}

export function mergeCommand(): Command {
  return new Command('merge')
    .argument(
      '[models...]',
      'A and B for a weighted sum, A + weight × (B − A); with a third, C, add difference, A + weight × (B − C)',
    )
    .requiredOption('--out <file>', 'output file (.safetensors)')
    .option('--weight <number>', 'merge weight (default: 0.5 for two models, 1 for three)', parseNumber)
    .option('--blocks <numbers>', 'block weights, separated by commas: see below', parseNumbers)
    .option('--lora <file[:weight[,text]]>', 'bake in this LoRA with this weight; can be repeated', addLora, [])
    .option('--vae <file>', 'replace the VAE of A with the VAE of this file')
    .addOption(dtypeOption())
    .option('--name <text>', 'title in the metadata of the result (default: the file name)')
    .option('--force', 'overwrite the output file, but never an input file', false)
    .addOption(formatOption())
    .addHelpText(
      'after',
      [
        '',
        'All models must have the same base model. Sums are computed in double precision and rounded once.',
        '--blocks takes 25 numbers for SD 1.x and 2.x (IN00–IN11, M00, OUT00–OUT11) and 19 for SDXL (IN00–IN08, M00,',
        'OUT00–OUT08). An extra number in front (BASE) sets the weight of all other tensors; the default is --weight.',
        'To use another LoRA weight for the text encoder, add it after a comma: style.safetensors:0.8,0.4.',
        'LoRAs without a checkpoint are merged into one LoRA without loss: their ranks are concatenated.',
        '',
        '  weighhouse merge a.safetensors b.safetensors --weight 0.3 --out mix.safetensors',
        '  weighhouse merge a.safetensors b.safetensors c.safetensors --out added.safetensors --dtype f16',
        '  weighhouse merge a.safetensors --lora style.safetensors:0.8 --lora face.safetensors --out baked.safetensors',
        '  weighhouse merge --lora one.safetensors:0.7 --lora two.safetensors:0.5 --out both.safetensors',
        '  weighhouse merge a.safetensors --vae vae.safetensors --out other-vae.safetensors',
      ].join('\n'),
    )
    .action(merge);
}

function parseNumbers(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(parseNumber);
}

async function merge(models: string[], options: Options): Promise<void> {
  const { out: output, force } = options;
  if (extname(output).toLowerCase() !== '.safetensors')
    throw new AppError('bad_request', 'Merges are saved as safetensors. Use a file name that ends with .safetensors.');
  const inputs = [
    ...models,
    ...options.lora.map(({ path }) => path),
    ...(options.vae === undefined ? [] : [options.vae]),
  ];
  const plan = chooseMerge(models, options);
  for (const input of inputs) {
    if (statSync(input, { throwIfNoEntry: false }) === undefined)
      throw new AppError('not_found', `File ${plain(input)} not found.`);
    checkPaths(input, output, force);
  }
  for (const input of new Set(inputs)) checkClean(input);

  const known = new Map<string, MergeModel>();
  for (const input of inputs) {
    const path = resolve(input);
    if (!known.has(path)) known.set(path, { path, name: nameOf(path), sha256: await sha256OfFile(path) });
  }
  const request = plan((input) => known.get(resolve(input)) as MergeModel);
  const target = resolve(output);
  const bar = await showProgress('Merging', output);
  try {
    const report = await writeOutput({ target, output, force }, async (part) => {
      const done = await mergeModels(request, part, {
        name: options.name ?? nameOf(target),
        dtype: options.dtype ?? undefined,
        metadata: { 'weighhouse.version': VERSION },
        onProgress: (fraction) => bar.update(fraction),
      });
      using written = openFileSource(part);
      const { verdict } = scan(written, { name: 'written.safetensors' });
      if (verdict !== 'clean') throw new Error(`The scan of the output says ${verdict}.`);
      return done;
    });
    bar.end();
    print(request, output, report, options.format);
  } catch (error) {
    bar.end();
    if (error instanceof FileError) throw new AppError('conflict', `The merge failed. ${plain(error.message)}`);
    throw error;
  }
}

type Plan = (modelOf: (input: string) => MergeModel) => MergeRequest;

/** What the arguments ask for. Throws AppError where they do not go together. */
function chooseMerge(models: readonly string[], { weight, blocks, lora, vae }: Options): Plan {
  const [a, b, c] = models;
  if (models.length > 3) throw wrong('Use at most three models.');
  if (models.length < 2 && (weight !== undefined || blocks !== undefined))
    throw wrong('--weight and --blocks apply to two or three models. Set LoRA weights after the file name: FILE:0.8.');
  if (models.length > 1 && lora.length > 0)
    throw wrong('LoRAs can be baked into one model only. Merge the models first, then bake the LoRAs into the result.');
  const loras = (modelOf: (input: string) => MergeModel) =>
    lora.map(({ path, ...weights }) => ({ ...modelOf(path), ...weights }));
  const withVae = (modelOf: (input: string) => MergeModel) => (vae === undefined ? {} : { vae: modelOf(vae) });
  if (a === undefined) {
    if (lora.length < 2) throw wrong('Name two or more models, a model and a LoRA, or two LoRAs.');
    if (vae !== undefined) throw wrong('--vae needs a model.');
    if (lora.some(({ textWeight }) => textWeight !== undefined))
      throw wrong('Merging LoRAs takes one weight per LoRA. A separate text encoder weight is not supported.');
    return (modelOf) => ({ kind: 'combine-loras', loras: loras(modelOf) });
  }
  if (b === undefined) {
    if (lora.length > 0)
      return (modelOf) => ({ kind: 'bake-loras', a: modelOf(a), loras: loras(modelOf), ...withVae(modelOf) });
    if (vae === undefined) throw wrong('Name a second model, a LoRA or a VAE.');
    return (modelOf) => ({ kind: 'replace-vae', a: modelOf(a), vae: modelOf(vae) });
  }
  const sum = (modelOf: (input: string) => MergeModel, usual: number) => ({
    a: modelOf(a),
    b: modelOf(b),
    weight: weight ?? usual,
    ...(blocks === undefined ? {} : { blocks }),
    ...withVae(modelOf),
  });
  if (c === undefined) return (modelOf) => ({ kind: 'weighted-sum', ...sum(modelOf, 0.5) });
  return (modelOf) => ({ kind: 'add-difference', ...sum(modelOf, 1), c: modelOf(c) });
}

function wrong(message: string): AppError {
  return new AppError('bad_request', message);
}

/** Tensors of a dangerous file could be read too, but whoever merges should hear of it first. */
function checkClean(input: string): void {
  using source = openFileSource(input);
  const report = scan(source, { name: basename(input) });
  if (report.verdict === 'clean') return;
  console.error(formatReportText(input, report, { colour: wantsColour() }));
  const isArmed = report.verdict === 'suspicious' || report.verdict === 'dangerous';
  const advice = isArmed ? ' Convert it with --disarm first, which writes only its tensors.' : '';
  throw new AppError('conflict', `${plain(input)} is ${report.verdict} and was not merged.${advice}`);
}

function nameOf(path: string): string {
  return withoutModelEnding(basename(path));
}

function print(request: MergeRequest, output: string, report: MergeReport, format: Format): void {
  if (format === 'json') {
    const models = modelsOf(request).map(({ path, name, sha256 }) => ({ path, name, sha256 }));
    printJson({ output, kind: request.kind, models, ...report, verified: true });
    return;
  }
  const { tensors, bytes, merged, unmerged, unplaced, ignored, leftOut, saturated, warnings } = report;
  console.log(`${plain(output)}: ${tensors} tensors (${merged} recomputed), ${bytes} bytes, verified.`);
  const list = (names: readonly string[]) =>
    `${names.slice(0, 10).map(plain).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
  for (const [reason, words] of REASONS) {
    const names = unmerged.filter((one) => one.reason === reason).map(({ name }) => name);
    if (names.length > 0) console.log(`  copied, ${words} (${names.length}): ${list(names)}`);
  }
  for (const model of new Set(unplaced.map((one) => one.model))) {
    const modules = unplaced.filter((one) => one.model === model).map(({ module }) => module);
    console.log(`  modules of ${plain(model)} without a matching layer (${modules.length}): ${list(modules)}`);
  }
  if (ignored.length > 0)
    console.log(
      `  LoRA tensors of an unknown type, ignored (${ignored.length}): ${list(ignored.map(({ name }) => name))}`,
    );
  if (leftOut.length > 0) console.log(`  EMA weights removed (${leftOut.length})`);
  if (saturated > 0) console.log(`  values clamped to the largest value of their type: ${saturated}`);
  for (const warning of warnings) console.log(`  ${plain(warning)}`);
}

const REASONS = [
  ['only-in-first', 'only in the first model'],
  ['only-in-second', 'only in the second model'],
  ['no-number', 'integer values'],
  ['schedule', 'noise schedule of the first model'],
] as const;
