import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '../errors.ts';
import { listClasses } from '../identify/index.ts';
import { listKept } from '../opened-files.ts';
import { classifyGlobal } from '../pickle/index.ts';
import type { Finding } from '../report/index.ts';
import { ModelFolderError } from './errors.ts';
import { compareWeights, type IndexName, MODEL_INDEX, parseIndexName, parseWeightsName } from './file-names.ts';
import { type JsonObject, readJsonFile } from './json-file.ts';
import { PIPELINE_MODULES } from './pipeline-modules.ts';
import { isPlainName } from './plain-name.ts';
import { lookAt } from './safe-paths.ts';
import { quote } from './shard-index.ts';
import { describeAbsence, readShards } from './shards.ts';
import type { ModelFolder } from './types.ts';

/** Bytes of a configuration. */
const MAX_CONFIG = 1024 * 1024;
const MAX_COMPONENTS = 50;
/** Components whose class tells the base model. */
const BACKBONES: ReadonlySet<string> = new Set(['transformer', 'transformer_2', 'unet', 'prior', 'decoder']);

/** Libraries that components are classes of. */
const LIBRARIES: ReadonlySet<string> = new Set([
  'diffusers',
  'transformers',
  'onnxruntime.training',
  'optimum',
  'peft',
]);
/** Classes whose folders hold settings and no weights. */
const WITHOUT_WEIGHTS = /(?:Tokenizer(?:Fast)?|Scheduler|FeatureExtractor|Processor(?:Fast)?|Guidance|Guider)$/;
/** Classes whose weights are in files of other formats, which are scanned as files. */
const OTHER_FORMATS = /^(?:Onnx|ORT|Flax|OV)/;

interface Entry {
  name: string;
  library: string;
  className: string;
}

/** A folder with a `model_index.json`: which components it has, and the weights that a program would load of each. */
export function readDiffusersFolder(root: string): ModelFolder {
  const folder: ModelFolder = {
    kind: 'diffusers',
    root,
    index: MODEL_INDEX,
    weights: [],
    indexes: [],
    components: [],
    findings: [],
    missing: [],
    predictionType: null,
    classes: [],
  };
  const index = readConfig(root, MODEL_INDEX, folder);
  if (index === null) return folder;
  folder.classes.push(...listClasses(MODEL_INDEX, index));
  const entries = listEntries(index, folder);
  for (const entry of entries) readComponent(entry, folder);
  return folder;
}

/** Reads a JSON file of the model; what is wrong with it becomes a finding, and then it is null. */
function readConfig(root: string, path: string, { findings, missing }: ModelFolder): JsonObject | null {
  const presence = lookAt(root, path);
  if (presence !== 'file') {
    findings.push(describeAbsence(path, presence));
    missing.push(path);
    return null;
  }
  try {
    return readJsonFile(join(root, path), path, MAX_CONFIG);
  } catch (error) {
    if (!(error instanceof ModelFolderError)) throw error;
    findings.push({ rule: 'model/index', severity: 'malformed', message: error.message });
    return null;
  }
}

function listEntries(index: JsonObject, { findings }: ModelFolder): Entry[] {
  const pipeline = index._class_name;
  // `["my_pipeline", "MyPipeline"]` is a class of a Python file in the folder.
  if (Array.isArray(pipeline)) findings.push(namesCode(`the pipeline ${quote(JSON.stringify(pipeline))}`));
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(index)) {
    if (name.startsWith('_') || !Array.isArray(value) || value.length !== 2) continue;
    const [library, className] = value as unknown[];
    // A component that the model is without.
    if (library === null && className === null) continue;
    if (typeof library !== 'string' || typeof className !== 'string') continue;
    if (!isPlainName(name)) {
      findings.push({
        rule: 'model/unsafe-path',
        severity: 'malformed',
        message: `${MODEL_INDEX} names a component outside its folder: ${quote(name)}.`,
      });
      continue;
    }
    entries.push({ name, library, className });
    const finding = judgeClass({ name, library, className });
    if (finding !== null) findings.push(finding);
  }
  if (entries.length === 0)
    findings.push({ rule: 'model/index', severity: 'malformed', message: `${MODEL_INDEX} names no components.` });
  if (entries.length <= MAX_COMPONENTS) return entries;
  findings.push({
    rule: 'model/index',
    severity: 'incomplete',
    message: `${MODEL_INDEX} names more than ${MAX_COMPONENTS} components. Not all were checked.`,
  });
  return entries.slice(0, MAX_COMPONENTS);
}

/** diffusers imports whatever module is named here: one of its own, a library, or a Python file in the folder. */
function judgeClass({ name, library, className }: Entry): Finding | null {
  if ((LIBRARIES.has(library) || PIPELINE_MODULES.has(library)) && /^[A-Z]\w*$/.test(className)) return null;
  const isDangerous = classifyGlobal(library, className).class === 'dangerous';
  return namesCode(
    `${library}.${className} for the component ${quote(name)}`,
    isDangerous ? 'dangerous' : 'suspicious',
  );
}

function namesCode(what: string, severity: 'suspicious' | 'dangerous' = 'suspicious'): Finding {
  return {
    rule: 'member/names-code',
    severity,
    message: `${MODEL_INDEX} has programs import ${what}.`,
    where: { member: MODEL_INDEX },
  };
}

function readComponent({ name, library, className }: Entry, folder: ModelFolder): void {
  const { root, findings, missing } = folder;
  const files = listFolder(root, name);
  if (files === null) {
    missing.push(name);
    findings.push({
      rule: 'model/part-missing',
      severity: 'incomplete',
      message: `The component ${quote(name)} (${className}) is missing.`,
    });
    return;
  }
  if (files.includes(`${library}.py`))
    findings.push(namesCode(`${quote(`${name}/${library}.py`)} for the component ${quote(name)}`));
  if (WITHOUT_WEIGHTS.test(className)) {
    if (/Scheduler$/.test(className)) readScheduler(name, folder);
    return;
  }
  if (OTHER_FORMATS.test(className)) return;
  const config = readConfig(root, `${name}/config.json`, folder);
  // What is no part of the model itself says nothing of it.
  if (config !== null && BACKBONES.has(name)) folder.classes.push(...listClasses(`${name}/config.json`, config));
  folder.components.push({ name, className });
  readWeights(name, className, files, folder);
}

function readScheduler(name: string, folder: ModelFolder): void {
  const config = readConfig(folder.root, `${name}/scheduler_config.json`, folder);
  if (/^EDM/.test(String(config?._class_name))) folder.predictionType = 'edm';
  else if (typeof config?.prediction_type === 'string') folder.predictionType = config.prediction_type;
}

/** The weights that programs load first; others are files next to them. */
function readWeights(name: string, className: string, files: readonly string[], folder: ModelFolder): void {
  const { root, findings, missing } = folder;
  const candidates = files
    .flatMap((file): { file: string; facts: IndexName; isIndex: boolean }[] => {
      const whole = parseWeightsName(file);
      const index = whole === null ? parseIndexName(file) : null;
      const facts = whole ?? index;
      return facts === null ? [] : [{ file, facts, isIndex: index !== null }];
    })
    .sort((a, b) => compareWeights(a.facts, b.facts) || Number(a.isIndex) - Number(b.isIndex));
  const [best] = candidates;
  if (best === undefined) {
    missing.push(`${name}/`);
    findings.push({
      rule: 'model/part-missing',
      severity: 'incomplete',
      message: `The component ${quote(name)} (${className}) has no weights in a format that can be read.`,
    });
    return;
  }
  const path = `${name}/${best.file}`;
  if (best.isIndex) {
    const shards = readShards(root, name, best.file, best.facts);
    folder.weights.push(...shards.weights);
    findings.push(...shards.findings);
    missing.push(...shards.missing);
    if (shards.index !== null) folder.indexes.push(shards.index);
    return;
  }
  const presence = lookAt(root, path);
  if (presence === 'file') folder.weights.push({ path, component: name });
  else {
    findings.push(describeAbsence(path, presence));
    missing.push(path);
  }
}

/** Names of what lies in a folder below `root`; null where there is no such folder. */
function listFolder(root: string, name: string): string[] | null {
  const kept = listKept(root);
  if (kept !== null) {
    const own = kept.filter((path) => path.startsWith(`${name}/`)).map((path) => path.split('/')[1] ?? '');
    return own.length === 0 ? null : [...new Set(own)].sort();
  }
  try {
    return readdirSync(join(root, name)).sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null;
    throw error;
  }
}
