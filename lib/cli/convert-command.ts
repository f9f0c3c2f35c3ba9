import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type Component,
  ConversionError,
  type ConversionReport,
  convertToGguf,
  convertToSafetensors,
  convertToTorchZip,
  flushFile,
  type GgufTarget,
  type Selection,
  SourceTags,
  selectTensors,
  type TargetDtype,
  VerificationError,
  verifyConversion,
  verifyGguf,
  verifyTorchZip,
} from '#scanner/convert/index.ts';
import { FileError } from '#scanner/errors.ts';
import { type Hasher, type Hashes, hashFile, NAME_ALONE, openHasher, sha256OfFile } from '#scanner/hashes/index.ts';
import { type FileSource, formatReportText, openFileSource, scan } from '#scanner/index.ts';
import { contentsByName, endingsOf } from '#scanner/model-files.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';
import { AppError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { convertDtypeOption } from './dtype-option.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { checkPaths } from './output-path.ts';
import { type ProgressBar, showProgress } from './progress.ts';
import { parseSize } from './size-option.ts';
import { plain, wantsColour } from './terminal-text.ts';
import { writeOutput } from './write-output.ts';
import { checkShardPaths, type OutputFile } from './write-shards.ts';

interface Options {
  format: Format;
  force: boolean;
  disarm: boolean;
  dtype: TargetDtype | 'Q8_0' | null;
  dropEma?: true;
  useEma?: true;
  only?: Component;
  stripTraining?: true;
  skipUnsupported?: true;
  maxShardSize?: number;
}

/** A conversion that is written and checked. `hashes` are those of the file written. */
interface Converted extends ConversionReport {
  sourceSha256: string;
  hashes: Hashes;
}

const TORCH_NAMES = new Intl.ListFormat('en-GB').format(endingsOf('torch').map((ending) => `.${ending}`));

export function convertCommand(): Command {
  return new Command('convert')
    .argument(
      '<in>',
      'a .ckpt, .pt, .bin, .safetensors or .gguf file; a folder or index (*.index.json) of a model in several files',
    )
    .argument('<out>', `output file: .safetensors, .gguf, or ${TORCH_NAMES} for a PyTorch file`)
    .option('--force', 'overwrite the output file', false)
    .option('--disarm', 'convert suspicious and dangerous files too: writes only the tensors, never the code', false)
    .addOption(convertDtypeOption())
    .addOption(new Option('--drop-ema', 'remove EMA weights (model_ema.*)').conflicts('useEma'))
    .option('--use-ema', 'replace the model weights with the EMA weights')
    .addOption(new Option('--only <part>', 'write only one component of a checkpoint').choices(['unet', 'vae', 'te']))
    .option('--strip-training', 'remove training data: EMA weights, noise schedule and optimizer state')
    .option('--skip-unsupported', 'leave out tensors that cannot be written (sparse, complex128 …) and list them')
    .option(
      '--max-shard-size <size>',
      'write shards with an index if the tensors are larger: 5GB, 500MB, 2GiB',
      parseShardSize,
    )
    .addOption(formatOption())
    .addHelpText(
      'after',
      [
        '',
        'Values are rounded to the nearest, ties to even. Values that are too large for the new type are clamped to its largest',
        'value and counted. NaN and infinity are kept, but fp8_e4m3 has no infinity and gets its largest value instead.',
        '',
        'Shards with an index become one file. A diffusers folder of SD 1.x, SD 2.x or SDXL becomes a checkpoint as AUTOMATIC1111',
        'and ComfyUI load it; safetensors files are used before .bin files, and the plain variant before fp16.',
        '',
        'A GGUF file becomes fp16, or what --dtype says. Types Q4_0 to Q8_0, Q2_K to Q6_K, IQ4_NL and IQ4_XS can be unpacked.',
        '',
        '  weighhouse convert model.ckpt model.safetensors',
        '  weighhouse convert flux1-dev.safetensors flux1-dev-Q8_0.gguf --dtype q8_0',
        '  weighhouse convert flux1-dev-Q4_K_S.gguf flux1-dev.safetensors --dtype bf16',
        '  weighhouse convert ./stable-diffusion-xl-base-1.0 sdxl.safetensors',
        '  weighhouse convert model.ckpt half.safetensors --dtype f16 --strip-training',
        '  weighhouse convert model.safetensors shards/model.safetensors --max-shard-size 5GB',
        '  weighhouse convert model.safetensors model.ckpt',
      ].join('\n'),
    )
    .action(convertFile);
}

async function convertFile(input: string, output: string, options: Options): Promise<void> {
  const target = resolve(output);
  if (statSync(input, { throwIfNoEntry: false })?.isDirectory() || input.endsWith('.json')) {
    const { convertFolder, describeLeftOut, findFolder } = await import('./convert-folder.ts');
    const folder = findFolder(input);
    if (folder !== null) {
      checkPaths(input, output, options.force, true);
      const { force, disarm, maxShardSize } = options;
      const done = await convertFolder(folder, input, output, target, {
        force,
        disarm,
        maxShardSize,
        selection: selectionOf(options),
      }).catch((error: unknown) => fail(input, error));
      print(input, output, done, options.format);
      if (options.format === 'text') for (const line of describeLeftOut(done)) console.log(line);
      return;
    }
  }
  checkPaths(input, output, options.force);
  if (options.maxShardSize !== undefined) checkShardPaths(target, [input], options.force);
  const contents = contentsByName(target);
  if (options.dtype === 'Q8_0' && contents !== 'gguf')
    throw new AppError('bad_request', 'The precision q8_0 needs an output file with the extension .gguf.');
  using source = openFileSource(input);
  // Its thread starts while the file is scanned.
  const isHashedMeanwhile = contents !== 'torch' && contents !== 'gguf';
  await using sourceHasher = isHashedMeanwhile ? await openHasher(source.size, NAME_ALONE) : null;
  const report = scan(source, { name: basename(input) });
  if (report.verdict !== 'clean' && !(options.disarm && mayDisarm(report.verdict))) {
    console.error(formatReportText(input, report, { colour: wantsColour() }));
    const advice = mayDisarm(report.verdict) ? ' Use --disarm to write only its tensors.' : '';
    throw new AppError('conflict', `${plain(input)} is ${report.verdict} and was not converted.${advice}`);
  }

  const bar = await showProgress('Converting', input);
  try {
    const selection = selectionOf(options);
    const done = await writeOutput(
      { target, output, force: options.force, maxShardSize: options.maxShardSize },
      async (part) => {
        if (contents === 'gguf')
          return await writeGguf(source, part, { ...selection, dtype: ggufDtype(options.dtype) }, bar);
        return sourceHasher === null
          ? await writeTorchZip(source, part, selection, bar)
          : await writeSafetensors(source, part, selection, bar, sourceHasher);
      },
    );
    bar.end();
    print(input, output, done, options.format);
  } catch (error) {
    bar.end();
    fail(input, error);
  }
}

/** Throws a fault of the file as an answer for people, and every other error as it is. */
function fail(input: string, error: unknown): never {
  if (error instanceof FileError)
    throw new AppError('conflict', `${plain(input)} was not converted. ${plain(error.message)}${adviceFor(error)}`);
  throw error;
}

function adviceFor(error: FileError): string {
  if (!(error instanceof ConversionError) || error.code !== 'tensor-refused') return '';
  return ' Use --skip-unsupported to write the other tensors.';
}

function selectionOf({ dtype, dropEma, useEma, only, stripTraining, skipUnsupported }: Options): Selection {
  const ema = useEma ? 'use' : dropEma ? 'drop' : 'keep';
  return { dtype: dtype === null || dtype === 'Q8_0' ? undefined : dtype, ema, only, stripTraining, skipUnsupported };
}

/**
 * Hashes the source and tags its tensors while it is copied; hashes what was written while that is compared with the tags
 * and the disk takes it.
 */
async function writeSafetensors(
  source: FileSource,
  part: string,
  selection: Selection,
  bar: ProgressBar,
  sourceHasher: Hasher,
): Promise<Converted> {
  await using opened = new AsyncDisposableStack();
  const size = Promise.withResolvers<number>();
  // Its threads start while the file is written.
  const opening = size.promise.then(async (bytes) => opened.use(await openHasher(bytes)));
  opening.catch(() => {});
  const table = readTensorTable(source);
  const tags = new SourceTags(selectTensors(table, selection).tensors);
  let sourceSha256 = '';
  const nameSource = async () => {
    sourceSha256 = (await sourceHasher.finish()).sha256;
    return sourceSha256;
  };
  const report = await convertToSafetensors(source, part, {
    ...selection,
    metadata: { 'weighhouse.version': VERSION },
    lateMetadata: { 'weighhouse.source_sha256': { length: 64, value: nameSource } },
    table,
    onLayout: size.resolve,
    readInto: sourceHasher,
    onSource: (piece) => tags.take(piece),
    onProgress: (fraction) => bar.update(fraction * 0.4),
    flush: false,
  });
  const hasher = await opening;
  const verifying = verifyConversion(source, part, {
    ...selection,
    tags: tags.finish(),
    readInto: hasher,
    onProgress: (fraction) => bar.update(0.4 + fraction * 0.6),
  });
  await Promise.all([verifying, flushFile(part)]);
  return { ...report, sourceSha256, hashes: await hasher.finish() };
}

async function writeTorchZip(
  source: FileSource,
  part: string,
  selection: Selection,
  bar: ProgressBar,
): Promise<Converted> {
  const report = await convertToTorchZip(source, part, {
    ...selection,
    onProgress: (fraction) => bar.update(fraction * 0.5),
    flush: false,
  });
  await verifyTorchZip(source, part, { ...selection, onProgress: (fraction) => bar.update(0.5 + fraction * 0.2) });
  return { ...report, ...(await finishWritten(source, part, 'written.ckpt', bar)) };
}

/** Scans what was written and compared, as a file of this name, then hashes and flushes it. Throws unless it is clean. */
async function finishWritten(
  source: FileSource,
  part: string,
  name: string,
  bar: ProgressBar,
): Promise<Pick<Converted, 'sourceSha256' | 'hashes'>> {
  using written = openFileSource(part);
  const { verdict } = scan(written, { name });
  if (verdict !== 'clean')
    throw new VerificationError(`The scan of the output says ${verdict}. The output was deleted.`);
  const [hashes, sourceSha256] = await Promise.all([
    hashFile(part, { onProgress: (fraction) => bar.update(0.7 + fraction * 0.3) }),
    sha256OfFile(source.path),
    flushFile(part),
  ]);
  return { sourceSha256, hashes };
}

function ggufDtype(dtype: Options['dtype']): GgufTarget | undefined {
  if (dtype === 'F8_E4M3') throw new AppError('bad_request', 'GGUF has no fp8_e4m3. Use q8_0.');
  return dtype ?? undefined;
}

async function writeGguf(
  source: FileSource,
  part: string,
  options: Omit<Selection, 'dtype'> & { dtype?: GgufTarget | undefined },
  bar: ProgressBar,
): Promise<Converted> {
  const report = await convertToGguf(source, part, {
    ...options,
    onProgress: (fraction) => bar.update(fraction * 0.5),
    flush: false,
  });
  await verifyGguf(source, part, { ...options, onProgress: (fraction) => bar.update(0.5 + fraction * 0.2) });
  return { ...report, ...(await finishWritten(source, part, 'written.gguf', bar)) };
}

function parseShardSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes === null || bytes === 0) throw new InvalidArgumentError('Use a size such as 5GB, 500MB or 2GiB.');
  return bytes;
}

function mayDisarm(verdict: string): boolean {
  return verdict === 'suspicious' || verdict === 'dangerous';
}

function print(
  input: string,
  output: string,
  whole: Omit<Converted, 'sourceSha256'> & { files?: OutputFile[] },
  format: Format,
): void {
  const { files } = whole;
  // What is said of the whole file is of one that is not there any more.
  const done =
    files === undefined
      ? whole
      : { ...whole, hashes: undefined, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
  if (format === 'json') {
    printJson({ input, output, ...done, verified: true });
    return;
  }
  const { tensors, bytes, dropped, leftOut, saturated, staleMetadata, ema } = done;
  console.log(`${plain(output)}: ${tensors} tensors, ${bytes} bytes, verified against the source.`);
  for (const { path, bytes: size } of files ?? []) console.log(`  ${plain(path)}: ${size} bytes`);
  const names = (list: readonly { name: string }[]) => {
    const shown = list.slice(0, 10).map(({ name }) => plain(name));
    return `${shown.join(', ')}${list.length > 10 ? ` and ${list.length - 10} more` : ''}`;
  };
  if (dropped.length > 0) console.log(`  not tensors, removed: ${names(dropped)}`);
  for (const [reason, words] of LEFT_OUT_WORDS) {
    const list = leftOut.filter((entry) => entry.reason === reason);
    if (list.length > 0) console.log(`  removed, ${words} (${list.length}): ${names(list)}`);
    for (const { name, why } of list.slice(0, 10))
      if (why !== undefined) console.log(`    ${plain(name)}: ${plain(why)}`);
  }
  if (saturated > 0) console.log(`  values clamped to the largest value of the new type: ${saturated}`);
  if (staleMetadata.length > 0) console.log(`  outdated metadata removed: ${staleMetadata.map(plain).join(', ')}`);
  if (ema && !leftOut.some(({ reason }) => reason !== 'other-part'))
    console.log('  Contains EMA weights too (--drop-ema removes them, --use-ema uses them as the model weights).');
}

const LEFT_OUT_WORDS = [
  ['ema', 'EMA weights'],
  ['ema-used', 'replaced by the EMA weights'],
  ['training', 'training data'],
  ['other-part', 'other components'],
  ['unsupported', 'cannot be written'],
] as const;
