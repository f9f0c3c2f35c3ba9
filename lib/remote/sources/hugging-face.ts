import { parse } from 'yaml';
import { z } from 'zod';
import { withoutModelEnding } from '#scanner/model-files.ts';
import { MAX_SIDECAR_BYTES, readSidecarNames } from '#scanner/sidecars/index.ts';
import { RemoteError, readRemote, readRemoteJson } from '../../safe-fetch/index.ts';
import { type ChosenModel, chooseModels } from './choose-models.ts';
import type { Source } from './parse.ts';
import {
  type Asking,
  definedDigests,
  type FoundSource,
  MAX_DESCRIPTION,
  MAX_FILES,
  MAX_PICTURES,
  readDigest,
  type SourceFile,
  type SourceSet,
} from './source.ts';

const REPOSITORY = z.looseObject({
  id: z.string().optional(),
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  tags: z.array(z.string()).optional(),
});

const TREE = z.array(
  z.looseObject({
    type: z.string(),
    path: z.string(),
    size: z.number().optional(),
    lfs: z.looseObject({ oid: z.string().optional(), size: z.number().optional() }).nullish(),
  }),
);
type Entry = z.infer<typeof TREE>[number];

type TreePage = Awaited<ReturnType<typeof readRemoteJson<typeof TREE>>>;

/** Pages of a tree, each of a thousand files. */
const MAX_PAGES = 20;
const MAX_README = 1024 * 1024;

/** Asks the API for the files of a repository below a path, at the commit that the revision is now. Throws RemoteError. */
export async function findOnHuggingFace(
  { repository, revision, path }: Source & { kind: 'huggingface' },
  asking: Asking,
): Promise<FoundSource> {
  const endpoint = asking.endpoints.huggingface;
  const options = { ...asking.read, credential: asking.credentials.huggingface };
  const { data } = await readRemoteJson(
    `${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}`,
    REPOSITORY,
    options,
  );
  const { sha } = data;
  const entries = await listTree(`${endpoint}/api/models/${repository}/tree/${sha}?recursive=true`, options);
  const url = (file: string) =>
    `${endpoint}/${repository}/resolve/${sha}/${file.split('/').map(encodeURIComponent).join('/')}`;
  const models = await choose(entries, path, async (index) => {
    const read = readRemoteJson(url(index.path), z.record(z.string(), z.unknown()), options);
    const found = await read.catch((error: unknown) => {
      // It is read once more as a file of the model, and its trouble is told then.
      if (error instanceof RemoteError && !error.isTemporary) return null;
      throw error;
    });
    return found === null ? null : Object.keys(found.data);
  });
  const nameOf = (file: string) => file.split('/').at(-1) ?? file;
  const files: SourceFile[] = [];
  const sets: SourceSet[] = [];
  for (const model of models) {
    const isSet = model.layout !== 'file';
    const stem = isSet ? nameOfSet(model, repository) : withoutModelEnding(nameOf(model.files[0]?.path ?? ''));
    const companions = findCompanions(entries, model, stem, models).map(({ path: file, filename }) => ({
      url: url(file),
      filename,
    }));
    if (model.layout !== 'file') sets.push({ name: stem, layout: model.layout, companions });
    for (const { path: file, size, lfs } of model.files) {
      files.push({
        url: url(file),
        // Two files of one name in two folders are two models: the name says whose they are.
        filename: isSet ? file.slice(model.folder.length) : nameOf(file),
        size: lfs?.size ?? size ?? null,
        digests: definedDigests({
          sha256: readDigest(lfs?.oid?.replace(/^sha256:/, ''), 64),
          blake3: undefined,
          autov2: undefined,
          crc32: undefined,
        }),
        ...(isSet ? { part: { set: sets.length - 1, path: file.slice(model.folder.length) } } : { companions }),
      });
    }
  }
  const card = entries.some((entry) => entry.path === 'README.md')
    ? await readRemote(url('README.md'), { ...options, maxBytes: MAX_README }).then(({ bytes }) =>
        readCard(bytes.toString('utf8')),
      )
    : readCard('');
  const all = path === '' ? models : await choose(entries, '', async () => null).catch(() => models);
  return {
    files,
    sets,
    details: {
      site: 'huggingface',
      // Of several models in one repository, each has its file's name.
      name: all.length === 1 ? (repository.split('/')[1] ?? null) : null,
      version: revision === 'main' ? null : revision,
      description: card.description,
      tags: card.tags,
      licence: card.licence,
      page: `${endpoint}/${repository}`,
      pictures: card.pictures
        .map((picture) => (URL.canParse(picture) ? picture : url(picture.replace(/^\.?\//, ''))))
        .slice(0, MAX_PICTURES)
        .map((picture) => ({ url: picture, nsfw: card.isAdult })),
      companion: { ending: '.json', text: JSON.stringify(card.companion) },
    },
  };
}

async function listTree(first: string, options: Parameters<typeof readRemoteJson>[2]): Promise<Entry[]> {
  const entries: Entry[] = [];
  let next: string | undefined = first;
  for (let page = 0; next !== undefined && page < MAX_PAGES; page += 1) {
    const { data, headers }: TreePage = await readRemoteJson(next, TREE, options);
    entries.push(...data);
    const link = [headers.link ?? ''].flat().join(',');
    next = /<([^>]+)>;\s*rel="?next"?/.exec(link)?.[1];
  }
  return entries.filter(({ type }) => type === 'file');
}

/** The models at `path`. Throws RemoteError where there are none, or too many. */
async function choose(
  entries: readonly Entry[],
  path: string,
  components: (index: Entry) => Promise<readonly string[] | null>,
): Promise<ChosenModel<Entry>[]> {
  const models = await chooseModels(entries, path, components);
  if (models.length === 0)
    throw new RemoteError(
      'missing',
      entries.some((entry) => path === '' || entry.path.startsWith(`${path}/`))
        ? 'There are no model files in this repository.'
        : 'The file or folder was not found in this repository.',
    );
  if (models.length > MAX_FILES)
    throw new RemoteError(
      'too-large',
      `There are ${models.length} models here. Enter the link of a folder with at most ${MAX_FILES}.`,
    );
  return models;
}

/** A set is called like its folder, or the repository; shards like their index, where that says anything. */
function nameOfSet({ layout, folder, index }: ChosenModel<Entry>, repository: string): string {
  const [own = ''] =
    /^(?!model\b|pytorch_model\b|diffusion_pytorch_model\b).+?(?=\.(?:safetensors|bin)|-\d{5,})/.exec(index) ?? [];
  if (layout === 'shards' && own !== '') return own;
  return folder.split('/').at(-2) ?? repository.split('/')[1] ?? repository;
}

/**
 * What belongs to a model: companion files of its name, and where it is the only model of its folder, the folder's
 * `config.json`, its card and its licence.
 */
function findCompanions(
  entries: readonly Entry[],
  model: ChosenModel<Entry>,
  stem: string,
  models: readonly ChosenModel<Entry>[],
): { path: string; filename: string }[] {
  const inFolder = entries.filter(({ path, size = 0 }) => {
    const name = path.slice(model.folder.length);
    return path.startsWith(model.folder) && !name.includes('/') && size <= MAX_SIDECAR_BYTES;
  });
  const isAlone = models.filter(({ folder }) => folder === model.folder).length === 1;
  const own = new Set(model.files);
  return inFolder
    .filter((entry) => !own.has(entry))
    .flatMap((entry) => {
      const name = entry.path.slice(model.folder.length);
      if (readSidecarNames(name).some((one) => one.stem === stem.toLowerCase()))
        return [{ path: entry.path, filename: name }];
      if (!isAlone) return [];
      if (name === 'config.json') return [{ path: entry.path, filename: `${stem}.metadata.json` }];
      if (/^readme\.md$/i.test(name)) return [{ path: entry.path, filename: `${stem}.readme.md` }];
      return /^licen[cs]e(?:\.(?:txt|md))?$/i.test(name) ? [{ path: entry.path, filename: `${stem}.license.txt` }] : [];
    })
    .slice(0, MAX_COMPANIONS);
}

const MAX_COMPANIONS = 12;

const CARD = z.looseObject({
  license: z.unknown().optional(),
  license_name: z.unknown().optional(),
  tags: z.unknown().optional(),
  base_model: z.unknown().optional(),
  instance_prompt: z.unknown().optional(),
  widget: z.unknown().optional(),
});

/** A model card: YAML between two lines of hyphens, then Markdown. */
function readCard(text: string) {
  const [, front = '', body = text] = /^﻿?---\r?\n([\s\S]*?)\r?\n---\r?\n?([\s\S]*)$/.exec(text) ?? [];
  const data = readFront(front);
  const strings = (value: unknown) => [value ?? []].flat().filter((one): one is string => typeof one === 'string');
  const tags = strings(data.tags);
  const [licence = null] = strings(data.license);
  const [licenceName] = strings(data.license_name);
  const widgets = Array.isArray(data.widget) ? data.widget : [];
  const pictures = [
    ...widgets.flatMap((one) => strings((one as { output?: { url?: unknown } } | null)?.output?.url)),
    // Those of the repository; others are badges and adverts.
    ...Array.from(body.matchAll(/!\[[^\]]*\]\(\s*<?([^)\s>]+\.(?:png|jpe?g|webp))/gi), ([, at = '']) => at).filter(
      (at) => !URL.canParse(at) && !at.startsWith('//'),
    ),
  ];
  const [base] = strings(data.base_model);
  const words = strings(data.instance_prompt);
  return {
    // Images of a card are addresses elsewhere.
    description: body
      .replace(/<Gallery\s*\/>/g, '')
      .trim()
      .slice(0, MAX_DESCRIPTION),
    tags: tags.filter((tag) => !tag.includes(':')),
    licence: licence === 'other' ? (licenceName ?? 'other') : licence,
    pictures,
    isAdult: tags.includes('not-for-all-audiences'),
    companion: {
      ...(base === undefined ? {} : { base_model: base }),
      ...(words.length === 0 ? {} : { 'activation text': words.join(', ') }),
      ...(licence === null ? {} : { license: licence }),
    },
  };
}

function readFront(front: string): Partial<z.infer<typeof CARD>> {
  if (front.length > 256 * 1024) return {};
  try {
    return CARD.safeParse(parse(front, { maxAliasCount: 100, logLevel: 'silent' })).data ?? {};
  } catch {
    return {};
  }
}
