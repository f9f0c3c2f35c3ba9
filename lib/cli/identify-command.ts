import { basename } from 'node:path';
import { Command } from 'commander';
import {
  type Identity,
  identifyFile,
  type LoraSummary,
  type NamedTensors,
  type SidecarStatements,
} from '#scanner/identify/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { findNotes } from './find-notes.ts';
import { type Format, formatOption, plain, printJson } from './format-option.ts';
import { explain, listFiles } from './list-files.ts';

export function identifyCommand(): Command {
  return new Command('identify')
    .argument('<path...>', 'files or folders')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse identify lora.safetensors\n  weighhouse identify ~/models --format json')
    .action(identifyFiles);
}

async function identifyFiles(paths: string[], { format }: { format: Format }): Promise<void> {
  const files: ({ path: string } & (Identity | { error: string }))[] = [];
  for (const { path, problem } of listFiles(paths)) {
    const file = problem === null ? await identifyOne(path) : { path, error: problem };
    if ('error' in file) process.exitCode = EXIT_FAILED;
    if (format === 'json') files.push(file);
    else console.log(describe(file));
  }
  if (format === 'json') printJson({ files });
}

async function identifyOne(path: string): Promise<{ path: string } & (Identity | { error: string })> {
  try {
    const sidecars = await readNotes(path);
    using source = openFileSource(path);
    return { path, ...identifyFile(source, { filename: basename(path), sidecars }) };
  } catch (error) {
    return { path, error: explain(error) };
  }
}

/** Most files have nothing beside them, and then what reads it need not be loaded. */
async function readNotes(path: string): Promise<SidecarStatements> {
  const notes = await findNotes(path);
  return notes.length === 0 ? {} : (await import('#scanner/sidecars/index.ts')).readSidecarNotes(notes);
}

function describe(file: { path: string } & (Identity | { error: string })): string {
  const name = plain(file.path);
  if ('error' in file) return `${name}\n  cannot be identified: ${plain(file.error)}\n`;
  const { type, base, variant, family, prediction, merge, algorithm, components, confidence, evidence, problems } =
    file;
  const what = [type, base, variant, family, algorithm, merge ? 'merge' : null].filter(Boolean).join(' · ');
  return [
    name,
    `  ${plain(what)}  (${confidence})`,
    `  prediction ${prediction}${components.length > 0 ? `, contains ${components.join(', ')}` : ''}`,
    `  ${file.parameters.toLocaleString('en')} parameters in ${file.precision.join(', ') || 'an unknown type'}`,
    ...(file.absent.length > 0 ? [`  missing ${file.absent.join(', ')}`] : []),
    ...(file.lora === undefined ? [] : [`  ${describeLora(file.lora)}`]),
    ...describeTensors('tensors are missing', file.missingTensors),
    ...describeTensors('unknown tensors', file.surplusTensors),
    ...evidence.map(({ field, source, detail }) => `  ${field}, by ${source}: ${plain(detail)}`),
    ...problems.map((problem) => `  ! ${plain(problem)}`),
    '',
  ].join('\n');
}

function describeLora({ modules, ranks, alphas, parts }: LoraSummary): string {
  const networks = Object.entries(parts).map(([part, count]) => `${part} ${count}`);
  return [
    `${modules} layers (${networks.join(', ')})`,
    ...(ranks.length > 0 ? [`rank ${ranks.join(', ')}`] : []),
    ...(alphas.length > 0 ? [`alpha ${alphas.join(', ')}`] : []),
  ].join(', ');
}

const SHOWN_NAMES = 5;

function describeTensors(what: string, { count, names }: NamedTensors): string[] {
  if (count === 0) return [];
  const shown = names.slice(0, SHOWN_NAMES).map(plain).join(', ');
  return [`  ! ${count} ${what}: ${shown}${count > SHOWN_NAMES ? ' …' : ''}`];
}
