import { parse } from 'yaml';
import { BASES, baseOfArchitecture, baseOfCivitai, baseOfRepository, fineTuneOfName } from '../bases/index.ts';
import { listClasses, type SidecarStatements } from '../identify/index.ts';

/** A text that lies next to a model under its name: people's notes and tools' records, none of them checked. */
export interface SidecarNote {
  filename: string;
  text: string;
}

/** More texts than this next to one file are the work of no tool. */
export const MAX_NOTES = 16;
/** Characters. Real configurations have some thousands; records with the replies of a site, some hundred thousand. */
const MAX_YAML = 64 * 1024;
const MAX_JSON = 2 * 1024 * 1024;
/** What an entry is quoted with. */
const MAX_QUOTE = 100;

/** Reads configurations (`.yaml`) and records (`.json`, `.civitai.info`). What cannot be read says nothing. */
export function readSidecarNotes(notes: readonly SidecarNote[]): SidecarStatements {
  const statements = notes.map(({ filename, text }) =>
    /\.ya?ml$/i.test(filename) ? readConfig(filename, text) : readRecord(filename, text),
  );
  // Of two that name the same, the first counts.
  return Object.assign({}, ...statements.reverse());
}

/** `model.params.parameterization` of the training code (LDM `ddpm.py`): `eps` and `v` are what it knows. */
function readConfig(filename: string, text: string): SidecarStatements {
  if (text.length > MAX_YAML) return {};
  let value: unknown;
  try {
    // A handful of aliases, each of the one before it, would make gigabytes.
    value = at(parse(text, { maxAliasCount: 100, logLevel: 'silent' }), ['model', 'params', 'parameterization']);
  } catch {
    return {};
  }
  const prediction = value === 'v' ? 'v' : value === 'eps' ? 'epsilon' : undefined;
  return prediction === undefined
    ? {}
    : { prediction: { value: prediction, detail: `${filename}: parameterization = ${value}` } };
}

/**
 * Where each program keeps the base: Civitai's reply, A1111's notes, StabilityMatrix, Lora-Manager, SwarmUI. Kohya's and
 * ModelSpec's names occur, too.
 */
const BASE_PATHS: readonly (readonly string[])[] = [
  ['baseModel'],
  ['BaseModel'],
  ['base_model'],
  ['sd version'],
  ['modelspec.architecture'],
  ['architecture'],
];

function readRecord(filename: string, text: string): SidecarStatements {
  if (text.length > MAX_JSON) return {};
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return {};
  }
  const isRecord = typeof record === 'object' && record !== null;
  const classes = isRecord ? listClasses(filename, record as Record<string, unknown>) : [];
  const said = classes.length === 0 ? {} : { classes };
  for (const path of BASE_PATHS) {
    const value = at(record, path);
    if (typeof value !== 'string' || value.length > MAX_QUOTE) continue;
    const name = value.trim();
    const base = baseOf(path, name);
    if (base === undefined) continue;
    const detail = `${filename}: ${path.join('.')} = ${name}`;
    const family = BASES[base].fineTunes === undefined ? undefined : fineTuneOfName(name);
    return {
      ...said,
      base: { value: base, detail },
      ...(family === undefined ? {} : { family: { value: family, detail } }),
    };
  }
  return said;
}

/** Model cards name a repository, with its owner in front. */
function baseOf(path: readonly string[], name: string) {
  if (path[0] === 'base_model' && name.includes('/')) return baseOfRepository(name);
  return baseOfCivitai(name) ?? baseOfArchitecture(name);
}

/** The value at the end of a path of keys; undefined where it leads nowhere. Own keys alone: the names are anybody's. */
function at(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Record<string, unknown>)[key];
  }
  return inner;
}
