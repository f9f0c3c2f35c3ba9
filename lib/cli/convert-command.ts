import { accessSync, constants, lstatSync, rmSync, statSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { type ConversionReport, convertToSafetensors, verifyConversion } from '../../scanner/convert/index.ts';
import { formatReportText, openFileSource, scan } from '../../scanner/index.ts';
import { AppError } from '../errors.ts';
import { EXIT_INTERRUPTED } from './exit-codes.ts';
import { type Format, formatOption, plain, printJson, wantsColour } from './format-option.ts';
import { showProgress } from './progress.ts';

interface Options {
  format: Format;
  force: boolean;
  disarm: boolean;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function convertCommand(): Command {
  return new Command('convert')
    .description('Write the tensors of a model file as safetensors, and check every byte of what was written.')
    .argument('<in>', 'a .ckpt, .pt, .bin or .safetensors file')
    .argument('<out>', 'the .safetensors file to write')
    .option('--force', 'overwrite OUT', false)
    .option('--disarm', 'convert a suspicious or dangerous file too: its tensors alone', false)
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse convert model.ckpt model.safetensors')
    .action(convertFile);
}

async function convertFile(input: string, output: string, options: Options): Promise<void> {
  const target = resolve(output);
  checkPaths(input, output, options.force);
  using source = openFileSource(input);
  const report = scan(source, { name: basename(input) });
  if (report.verdict !== 'clean' && !(options.disarm && mayDisarm(report.verdict))) {
    console.error(formatReportText(input, report, { colour: wantsColour() }));
    const advice = mayDisarm(report.verdict) ? ' --disarm writes its tensors and nothing else.' : '';
    throw new AppError('conflict', `${plain(input)} is ${report.verdict}, so it was not converted.${advice}`);
  }

  // What an interrupted conversion leaves is gone before this process is, whatever ends it. The second file becomes the
  // first by a rename, so it goes first.
  const part = `${target}.${process.pid}.checking`;
  const sweep = () => {
    for (const path of [`${part}.part`, part]) rmSync(path, { force: true });
  };
  const abandon = () => process.exit(EXIT_INTERRUPTED);
  process.on('exit', sweep);
  for (const signal of SIGNALS) process.on(signal, abandon);
  const bar = showProgress('Converting', input);
  try {
    const done = await convertToSafetensors(source, part, { onProgress: (fraction) => bar.update(fraction * 0.6) });
    await verifyConversion(source, part, { onProgress: (fraction) => bar.update(0.6 + fraction * 0.4) });
    await moveTo(part, target, output, options.force);
    bar.end();
    print(input, output, done, options.format);
  } catch (error) {
    bar.end();
    await rm(part, { force: true });
    if (error instanceof Error && /^(Malformed\w*|ConversionError|VerificationError)$/.test(error.name))
      throw new AppError('conflict', `${plain(input)} was not converted. ${plain(error.message)}`);
    throw error;
  } finally {
    process.off('exit', sweep);
    for (const signal of SIGNALS) process.off(signal, abandon);
  }
}

/** Throws AppError for what could not work in the end, before gigabytes are written for nothing. */
function checkPaths(input: string, output: string, force: boolean): void {
  if (statSync(input, { throwIfNoEntry: false })?.isFile() === false)
    throw new AppError('bad_request', `${plain(input)} is not a file. Files are converted one by one.`);
  const folder = dirname(output);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new AppError('bad_request', `There is no folder ${plain(folder)} to write to.`);
  if (!mayWrite(folder)) throw new AppError('forbidden', `Nothing may be written to the folder ${plain(folder)}.`);
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory())
    throw new AppError('bad_request', `${plain(output)} is a folder. Name the file to write in it.`);
  if (isSameFile(input, output)) throw new AppError('bad_request', 'IN and OUT are the same file.');
  if (!force && lstatSync(output, { throwIfNoEntry: false }) !== undefined) throw alreadyThere(output);
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function alreadyThere(output: string): AppError {
  return new AppError('conflict', `${plain(output)} exists. Use --force to overwrite it, or choose another name.`);
}

/** Puts the finished file in place. Without `force` it never replaces one that somebody made meanwhile. */
async function moveTo(part: string, target: string, output: string, force: boolean): Promise<void> {
  if (force) return rename(part, target);
  try {
    await link(part, target);
    await rm(part);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(output);
    // A file system without links (exFAT, some network drives): an empty file takes the name first.
    await (await open(target, 'wx')).close();
    await rename(part, target);
  }
}

function isSameFile(one: string, other: string): boolean {
  const first = statSync(one, { throwIfNoEntry: false });
  const second = statSync(other, { throwIfNoEntry: false });
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

function mayDisarm(verdict: string): boolean {
  return verdict === 'suspicious' || verdict === 'dangerous';
}

function print(input: string, output: string, done: ConversionReport, format: Format): void {
  const { tensors, bytes, dropped, shared, ema } = done;
  if (format === 'json') {
    printJson({ input, output, tensors, bytes, dropped, shared, ema, verified: true });
    return;
  }
  console.log(`${plain(output)}: ${tensors} tensors, ${bytes} bytes, every one compared with its source.`);
  if (dropped.length > 0)
    console.log(`  left out, because they are no tensors: ${dropped.map(({ name }) => plain(name)).join(', ')}`);
}
