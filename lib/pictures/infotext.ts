import { quoteValue, readFields } from './infotext-fields.ts';
import { addLoraTags, readLoraTags, tagName } from './lora-tags.ts';
import { type GenerationParameters, type LoraUse, noParameters } from './parameters.ts';

/** Longest text that is read, in characters: hundreds of times what people write. */
export const MAX_INFOTEXT = 1024 * 1024;
const NEGATIVE = 'Negative prompt:';
/** A1111 takes a last line for settings from so many fields on. */
const MIN_FIELDS = 3;
const MAX_SETTINGS_LINES = 20;

/**
 * Everything but the prompts by the field's own labels, in the order in which A1111 writes it
 * (`create_infotext` of its `modules/processing.py`).
 */
export function listFields(parameters: GenerationParameters): { label: string; value: string }[] {
  const { width, height, loras, embeddings, hashes, other } = parameters;
  const fields: [string, string | number | null][] = [
    ['Steps', parameters.steps],
    ['Sampler', parameters.sampler],
    ['Schedule type', parameters.scheduler],
    ['CFG scale', parameters.cfgScale],
    ['Seed', parameters.seed],
    ['Size', width === null || height === null ? null : `${width}x${height}`],
    ['Model hash', parameters.modelHash],
    ['Model', parameters.model],
    ['VAE hash', parameters.vaeHash],
    ['VAE', parameters.vae],
    ['Clip skip', parameters.clipSkip === 1 ? null : parameters.clipSkip],
    ...Object.entries(other),
    ['Lora hashes', listHashes(loras)],
    ['TI hashes', listHashes(embeddings)],
    ['Version', parameters.version],
    ['Hashes', Object.keys(hashes).length === 0 ? null : JSON.stringify(hashes)],
  ];
  return fields.flatMap(([label, value]) => (value === null ? [] : [{ label, value: String(value) }]));
}

/** Name and hash of each that has one: `name: hash, name: hash`. */
function listHashes(uses: readonly { name: string; hash: string | null }[]): string | null {
  const known = uses.filter(({ hash }) => hash !== null);
  return known.length === 0 ? null : known.map(({ name, hash }) => `${tagName(name)}: ${hash}`).join(', ');
}

/**
 * Writes parameters as A1111 does: the prompt, its negative one, and a line of fields, in the order and with the quotes
 * that the field's tools read. Civitai's `Hashes` stand last and without quotes, as its own extension appends them.
 */
export function writeInfotext(parameters: GenerationParameters): string {
  const prompt = addLoraTags(parameters.prompt, parameters.loras);
  const negative = parameters.negativePrompt === '' ? '' : `\n${NEGATIVE} ${parameters.negativePrompt}`;
  const line = listFields(parameters)
    .map(({ label, value }) => `${label}: ${label === 'Hashes' ? value : quoteValue(value)}`)
    .join(', ');
  return `${prompt}${negative}\n${line}`.trim();
}

/**
 * Reads text as A1111, Forge, sd.cpp and others write it. Null where it holds no settings, as any other text does. Names
 * and prompts are what anybody wrote: to be shown as text and no more.
 */
export function parseInfotext(text: string): GenerationParameters | null {
  if (text.length > MAX_INFOTEXT) return null;
  const lines = text.trim().split(/\r\n|\n/);
  const settings = settingsLine(lines);
  if (settings < 0) return null;
  const fields = new Map(lines.slice(settings, settings + MAX_SETTINGS_LINES).flatMap(readFields));
  const prompts = lines.slice(0, settings);
  return { ...readSettings(fields, prompts.join('\n')), ...readPrompts(prompts) };
}

function settingsLine(lines: readonly string[]): number {
  // Some extensions write lines of their own after the settings.
  const steps = lines.findLastIndex((line) => /^\s{0,8}Steps: ?\d/.test(line));
  if (steps >= 0) return steps;
  return readFields(lines.at(-1) ?? '').length >= MIN_FIELDS ? lines.length - 1 : -1;
}

function readPrompts(lines: readonly string[]): { prompt: string; negativePrompt: string } {
  const trimmed = lines.map((line) => line.trim());
  const at = trimmed.findIndex((line) => line.startsWith(NEGATIVE));
  if (at < 0) return { prompt: trimmed.join('\n'), negativePrompt: '' };
  const negative = trimmed
    .slice(at)
    .map((line) => (line.startsWith(NEGATIVE) ? line.slice(NEGATIVE.length).trim() : line));
  return { prompt: trimmed.slice(0, at).join('\n'), negativePrompt: negative.join('\n').trim() };
}

function readSettings(fields: Map<string, string>, prompts: string): GenerationParameters {
  const takeField = (name: string): string | null => {
    const value = fields.get(name);
    fields.delete(name);
    return value === undefined || value === '' ? null : value;
  };
  const number = (name: string): number | null => {
    const value = takeField(name);
    return value !== null && Number.isFinite(Number(value)) ? Number(value) : null;
  };
  const size = /^(\d{1,5})x(\d{1,5})$/.exec(takeField('Size') ?? '');
  const hashes = readHashes(takeField('Hashes'));
  const loraHashes = readHashList(takeField('Lora hashes'));
  return {
    ...noParameters(),
    steps: number('Steps'),
    sampler: takeField('Sampler'),
    scheduler: takeField('Schedule type'),
    cfgScale: number('CFG scale'),
    seed: /^-?\d{1,20}$/.exec(takeField('Seed') ?? '')?.[0] ?? null,
    width: size === null ? null : Number(size[1]),
    height: size === null ? null : Number(size[2]),
    modelHash: lower(takeField('Model hash')) ?? hashes.model ?? null,
    model: takeField('Model'),
    vaeHash: lower(takeField('VAE hash')) ?? hashes.vae ?? null,
    vae: takeField('VAE'),
    clipSkip: number('Clip skip'),
    loras: joinLoras(readLoraTags(prompts), loraHashes, namedHashes(hashes, 'lora:')),
    embeddings: [...new Map([...namedHashes(hashes, 'embed:'), ...readHashList(takeField('TI hashes'))])].map(
      ([name, hash]) => ({ name, hash }),
    ),
    hashes,
    version: takeField('Version'),
    other: Object.fromEntries(fields),
  };
}

function lower(text: string | null): string | null {
  return text?.toLowerCase() ?? null;
}

/** Civitai's object of hashes by resource. */
function readHashes(json: string | null): Record<string, string> {
  if (json === null) return {};
  try {
    const entries = Object.entries(JSON.parse(json) as Record<string, unknown>);
    return Object.fromEntries(
      entries.flatMap(([name, hash]) => (typeof hash === 'string' ? [[name, hash.toLowerCase()]] : [])),
    );
  } catch {
    return {};
  }
}

function readHashList(list: string | null): Map<string, string> {
  const parts = (list ?? '').split(',').map((part) => part.split(':').map((side) => side.trim()));
  return new Map(parts.flatMap(([name, hash]) => (name && hash ? [[name, hash.toLowerCase()] as const] : [])));
}

function namedHashes(hashes: Record<string, string>, prefix: string): Map<string, string> {
  const named = Object.entries(hashes).filter(([name]) => name.startsWith(prefix));
  return new Map(named.map(([name, hash]) => [name.slice(prefix.length), hash]));
}

/** LoRAs of the prompt with their hashes, and those that only a list of hashes names. */
function joinLoras(tags: readonly LoraUse[], ...lists: Map<string, string>[]): LoraUse[] {
  const hashOf = (name: string) => lists.map((list) => list.get(name)).find((hash) => hash !== undefined) ?? null;
  const named = new Set(tags.map(({ name }) => name));
  const unnamed = new Set(lists.flatMap((list) => [...list.keys()]).filter((name) => !named.has(name)));
  return [
    ...tags.map((tag) => ({ ...tag, hash: hashOf(tag.name) })),
    ...[...unnamed].map((name) => ({ name, weight: null, textWeight: null, hash: hashOf(name) })),
  ];
}
