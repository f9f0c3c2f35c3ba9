import { existsSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { type ConversionReport, convertToSafetensors, verifyConversion } from '../../scanner/convert/index.ts';
import { formatReportText, openFileSource, scan } from '../../scanner/index.ts';
import { AppError } from '../errors.ts';
import { type Format, formatOption, plain, printJson, wantsColour } from './format-option.ts';
import { showProgress } from './progress.ts';

interface Options {
  format: Format;
  force: boolean;
  disarm: boolean;
}

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
  if (!options.force && existsSync(target))
    throw new AppError('conflict', `${plain(output)} exists. Use --force to overwrite it, or choose another name.`);
  if (resolve(input) === target) throw new AppError('bad_request', 'IN and OUT are the same file.');
  using source = openFileSource(input);
  const report = scan(source, { name: basename(input) });
  if (report.verdict !== 'clean' && !(options.disarm && mayDisarm(report.verdict))) {
    console.error(formatReportText(input, report, { colour: wantsColour() }));
    const advice = mayDisarm(report.verdict) ? ' --disarm writes its tensors and nothing else.' : '';
    throw new AppError('conflict', `${plain(input)} is ${report.verdict}, so it was not converted.${advice}`);
  }

  // What an interrupted conversion leaves is gone before this process is.
  const part = `${target}.checking`;
  const abandon = () => {
    void Promise.all([rm(part, { force: true }), rm(`${part}.part`, { force: true })]).finally(() => process.exit(130));
  };
  process.once('SIGINT', abandon);
  process.once('SIGTERM', abandon);
  const bar = showProgress('Converting', input);
  try {
    const done = await convertToSafetensors(source, part, { onProgress: (fraction) => bar.update(fraction * 0.6) });
    await verifyConversion(source, part, { onProgress: (fraction) => bar.update(0.6 + fraction * 0.4) });
    // Somebody may have made the file meanwhile; `link` refuses then, and `rename` does not.
    if (!options.force) await link(part, target).then(() => rm(part));
    else await rename(part, target);
    bar.end();
    print(input, output, done, options.format);
  } catch (error) {
    bar.end();
    await rm(part, { force: true });
    if (error instanceof Error && /^(Malformed\w*|ConversionError|VerificationError)$/.test(error.name))
      throw new AppError('conflict', `${plain(input)} was not converted. ${plain(error.message)}`);
    throw error;
  } finally {
    process.removeListener('SIGINT', abandon);
    process.removeListener('SIGTERM', abandon);
  }
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
