import { basename } from 'node:path';
import {
  type Coverage,
  type Identity,
  identifyFile,
  type LoraSummary,
  type NamedTensors,
  type SidecarStatements,
} from '#scanner/identify/index.ts';
import type { MultiFileKind } from '#scanner/multi-file/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { findNotes } from './find-notes.ts';
import { explain } from './list-files.ts';
import { plain } from './terminal-text.ts';

export type IdentifiedFile = { path: string } & ((Identity & Partial<SeveralFiles>) | { error: string });

/** Of a model in several files. */
interface SeveralFiles {
  kind: MultiFileKind;
  /** Files with weights, below its folder. */
  parts: string[];
  missing: readonly string[];
}

/** What one file is, or why that cannot be said. */
export async function identifyPath(path: string): Promise<IdentifiedFile> {
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
  const notes = findNotes(path);
  return notes.length === 0 ? {} : (await import('#scanner/sidecars/index.ts')).readSidecarNotes(notes);
}

/** The same for people. */
export function describeIdentified(file: IdentifiedFile): string {
  const name = plain(file.path);
  if ('error' in file) return `${name}\n  cannot be identified: ${plain(file.error)}\n`;
  const { type, base, variant, family, prediction, merge, algorithm, components, confidence, evidence, problems } =
    file;
  const what = [type, base, variant, family, algorithm, merge ? 'merge' : null].filter(Boolean).join(' · ');
  return [
    file.parts === undefined ? name : `${name} (one model in ${file.parts.length} files)`,
    `  ${plain(what)}  (${confidence})`,
    `  prediction ${prediction}${components.length > 0 ? `, contains ${components.join(', ')}` : ''}`,
    `  ${file.parameters.toLocaleString('en')} parameters in ${file.precision.join(', ') || 'an unknown type'}`,
    ...(file.absent.length > 0 ? [`  missing ${file.absent.join(', ')}`] : []),
    ...(file.coverage === undefined ? [] : [`  ${describeCoverage(file.coverage)}`]),
    ...(file.candidates === undefined ? [] : [`  fits ${describeCandidates(file)}`]),
    ...(file.lora === undefined ? [] : [`  ${describeLora(file.lora)}`]),
    ...describeTensors('tensors are missing', file.missingTensors),
    ...describeTensors('unknown tensors', file.surplusTensors),
    ...evidence.map(({ field, source, detail }) => `  ${field}, by ${source}: ${plain(detail)}`),
    ...problems.map((problem) => `  ! ${plain(problem)}`),
    '',
  ].join('\n');
}

/** What share of the file was explained, what is missing, and how far the next base model is behind. */
function describeCoverage({ unit, total, explained, missing, runnerUp }: Coverage): string {
  const parts = [`${explained} of ${total} ${unit} explained`];
  if (missing > 0) parts.push(`${missing} missing`);
  return [...parts, `${runnerUp} by the next base model`].join(', ');
}

function describeCandidates({ candidates = [] }: Pick<Identity, 'candidates'>): string {
  return candidates.join(' or ');
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
