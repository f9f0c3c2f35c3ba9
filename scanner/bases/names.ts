import { BASE_IDS, BASES, type BaseId } from './registry.ts';
import type { FineTunes } from './types.ts';

/** Between the words of a name, and between a word and a number. */
const GAP = '[\\s._-]*';

interface Named {
  pattern: RegExp;
  base: BaseId;
}

/** `sd 3.5` fits `SD3.5`, `sd_3.5` and `SD 3-5`, and what goes on behind it with anything but a letter. */
function patternOf(name: string): RegExp {
  const words = name.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
  return new RegExp(`^${words.join(GAP)}(?![a-z])`, 'i');
}

function list(namesOf: (base: BaseId) => readonly string[]): readonly Named[] {
  return BASE_IDS.flatMap((base) => namesOf(base).map((name) => ({ pattern: patternOf(name), base })));
}

/** The base whose name reaches furthest into the text: `sd3.5` is not `sd3`. */
function findLongest(names: readonly Named[], text: string): BaseId | undefined {
  let best: { base: BaseId; length: number } | undefined;
  for (const { pattern, base } of names) {
    const length = pattern.exec(text)?.[0].length ?? 0;
    if (length > (best?.length ?? 0)) best = { base, length };
  }
  return best?.base;
}

const TRAINERS = list((base) => BASES[base].names.trainers);
const CIVITAI = list((base) => [
  ...BASES[base].names.civitai,
  ...Object.values(BASES[base].fineTunes ?? {}).flatMap(({ civitai }) => civitai),
]);
const FILES: readonly Named[] = BASE_IDS.flatMap((base) => {
  const pattern = BASES[base].names.file;
  return pattern === undefined ? [] : [{ pattern, base }];
});

/** The base of an architecture as trainers and ModelSpec name it, with or without what stands behind a slash. */
export function baseOfArchitecture(text: string): BaseId | undefined {
  return findLongest(TRAINERS, text.split('/')[0] ?? '');
}

/** The base of a name from Civitai's list, with or without what stands behind it. */
export function baseOfCivitai(text: string): BaseId | undefined {
  return findLongest(CIVITAI, text);
}

/** The base of a repository's name, with its owner in front: `black-forest-labs/FLUX.1-dev`. */
export function baseOfRepository(text: string): BaseId | undefined {
  const name = text.slice(text.lastIndexOf('/') + 1);
  return findLongest([...TRAINERS, ...CIVITAI], name);
}

/** The base that a file's name tells, anywhere in it. */
export function baseOfFileName(filename: string): BaseId | undefined {
  return findLongest(FILES, filename);
}

const FINE_TUNES: readonly (FineTunes & { id: string; base: BaseId })[] = BASE_IDS.flatMap((base) =>
  Object.entries(BASES[base].fineTunes ?? {}).map(([id, lines]) => ({ id, base, ...lines })),
);

/** Lines of fine-tunes of all bases, by id. */
export const FINE_TUNE_LABELS: Readonly<Record<string, string>> = Object.fromEntries(
  FINE_TUNES.map(({ id, label }) => [id, label]),
);

/** The line of fine-tunes that a text names, whoever wrote it. */
export function fineTuneOfName(text: string): string | undefined {
  return FINE_TUNES.find(({ names }) => names.test(text))?.id;
}

/** The line of fine-tunes that a version of Civitai belongs to. */
export function fineTuneOfVersion(version: string): string | undefined {
  return FINE_TUNES.find(({ civitaiVersions }) => civitaiVersions.includes(version))?.id;
}

/** The published file of this SHA-256 that a line of fine-tunes descends from. */
export function fineTuneOfFile(sha256: string): { id: string; name: string } | undefined {
  for (const { id, files } of FINE_TUNES) {
    const name = files[sha256];
    if (name !== undefined) return { id, name };
  }
  return undefined;
}
