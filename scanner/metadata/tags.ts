import { cut, entriesOf, type Metadata, readJson, readText } from './read-entry.ts';

export interface TagCount {
  tag: string;
  count: number;
}

/** The captions of one folder of training pictures. */
export interface TagFolder {
  /** As the trainer named it, mostly `<repeats>_<concept>`. */
  folder: string;
  /** The most frequent first. */
  tags: TagCount[];
  /** How many different tags there are, of which `tags` are the first. */
  different: number;
}

export interface TriggerWord {
  text: string;
  /** Whether somebody wrote it down as such, or it only looks like one. */
  source: 'stated' | 'inferred';
  /** The entry that it was read from. */
  from: string;
}

const MAX_FOLDERS = 20;
const MAX_TAGS = 50;
const MAX_TEXT = 200;
const MAX_TRIGGERS = 30;

/** How often each tag stands in the captions, folder by folder (`ss_tag_frequency`). */
export function readTagFolders(metadata: Metadata): TagFolder[] {
  return entriesOf(readJson(metadata, 'ss_tag_frequency'))
    .slice(0, MAX_FOLDERS)
    .map(([folder, counts]) => {
      const tags = entriesOf(counts).flatMap(([tag, count]) =>
        typeof count === 'number' && Number.isFinite(count) && count > 0
          ? [{ tag: cut(tag.trim(), MAX_TEXT), count }]
          : [],
      );
      tags.sort((one, other) => other.count - one.count);
      return { folder: cut(folder, MAX_TEXT), tags: tags.slice(0, MAX_TAGS), different: tags.length };
    })
    .filter(({ tags }) => tags.length > 0);
}

/**
 * Words that call up what a model was trained on. Stated: `modelspec.trigger_phrase`, words of a tool's notes given in
 * `noted`, class tokens of the data sets. Inferred: names of folders without their repeats, and tags that nearly every
 * caption of a folder has. Each text once, from the best source.
 */
export function readTriggerWords(metadata: Metadata, noted: readonly string[] = []): TriggerWord[] {
  const phrase = readText(metadata, 'modelspec.trigger_phrase');
  const found: TriggerWord[] = [
    ...(phrase === null ? [] : [stated(phrase, 'modelspec.trigger_phrase')]),
    ...noted.map((text) => stated(text, 'companion file')),
    ...classTokens(metadata).map((text) => stated(text, 'ss_datasets')),
    ...inferTriggers(metadata),
  ];
  const seen = new Set<string>();
  return found
    .map((word) => ({ ...word, text: cut(word.text.trim(), MAX_TEXT) }))
    .filter(({ text }) => {
      const key = text.toLowerCase();
      if (text === '' || seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .slice(0, MAX_TRIGGERS);
}

const stated = (text: string, from: string): TriggerWord => ({ text, source: 'stated', from });

function classTokens(metadata: Metadata): string[] {
  const datasets = readJson(metadata, 'ss_datasets');
  if (!Array.isArray(datasets)) return [];
  return datasets.flatMap((dataset) => {
    const subsets = entriesOf(dataset).find(([key]) => key === 'subsets')?.[1];
    return (Array.isArray(subsets) ? subsets : []).flatMap((subset) => {
      const tokens = entriesOf(subset).find(([key]) => key === 'class_tokens')?.[1];
      return typeof tokens === 'string' ? [tokens] : [];
    });
  });
}

/** A tag that so large a share of the most frequent one's captions have is taken for a trigger. */
const NEARLY_ALL = 0.95;

function inferTriggers(metadata: Metadata): TriggerWord[] {
  return readTagFolders(metadata).flatMap(({ folder, tags }) => {
    const concept = /^\d+_(.+)$/.exec(folder)?.[1];
    const pictures = tags[0]?.count ?? 0;
    const frequent = pictures > 1 ? tags.filter(({ count }) => count >= pictures * NEARLY_ALL).slice(0, 3) : [];
    return [...(concept === undefined ? [] : [concept]), ...frequent.map(({ tag }) => tag)].map(
      (text): TriggerWord => ({ text, source: 'inferred', from: 'ss_tag_frequency' }),
    );
  });
}
