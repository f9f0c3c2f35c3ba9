import { z } from 'zod';
import { RemoteError, readRemoteJson } from '../../safe-fetch/index.ts';
import { htmlToMarkdown } from './html.ts';
import type { Source, WantedFile } from './parse.ts';
import {
  type Asking,
  definedDigests,
  type FoundSource,
  MAX_DESCRIPTION,
  MAX_PICTURES,
  readDigest,
  type SourceFile,
} from './source.ts';

const text = z.string().nullish();

const FILE = z.looseObject({
  id: z.number().optional(),
  name: z.string(),
  type: text,
  sizeKB: z.number().nullish(),
  primary: z.boolean().nullish(),
  metadata: z.looseObject({ format: text, size: text, fp: text }).nullish(),
  hashes: z.record(z.string(), z.unknown()).nullish(),
  downloadUrl: text,
});

const VERSION = z.looseObject({
  id: z.number(),
  modelId: z.number().nullish(),
  name: text,
  baseModel: text,
  description: text,
  trainedWords: z.array(z.string()).nullish(),
  downloadUrl: text,
  files: z.array(FILE).nullish(),
  images: z
    .array(
      z.looseObject({ url: z.string(), type: text, nsfw: z.unknown().optional(), nsfwLevel: z.unknown().optional() }),
    )
    .nullish(),
});

const MODEL = z.looseObject({
  id: z.number(),
  name: z.string(),
  type: text,
  description: text,
  nsfw: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  mode: text,
  allowNoCredit: z.boolean().nullish(),
  allowCommercialUse: z.union([z.string(), z.array(z.string())]).nullish(),
  allowDerivatives: z.boolean().nullish(),
  allowDifferentLicense: z.boolean().nullish(),
  modelVersions: z.array(VERSION).nullish(),
});

type Version = z.infer<typeof VERSION>;
type Model = z.infer<typeof MODEL>;

/** Asks Civitai's API for a version of a model: the newest where none is named. Throws RemoteError. */
export async function findOnCivitai(source: Source & { kind: 'civitai' }, asking: Asking): Promise<FoundSource> {
  const endpoint = asking.endpoints.civitai;
  const ask = async <Schema extends z.ZodType>(path: string, schema: Schema) =>
    (
      await readRemoteJson(`${endpoint}/api/v1/${path}`, schema, {
        ...asking.read,
        credential: asking.credentials.civitai,
      })
    ).data;
  const named = source.versionId === null ? null : await ask(`model-versions/${source.versionId}`, VERSION);
  const modelId = source.modelId ?? named?.modelId;
  if (modelId == null) throw new RemoteError('missing', 'Civitai does not say which model this version is of.');
  const model = await ask(`models/${modelId}`, MODEL);
  const version = named ?? model.modelVersions?.[0];
  if (version === undefined)
    throw new RemoteError('missing', 'This model has no version on Civitai that can be downloaded.');
  if (named !== null && named.modelId != null && named.modelId !== model.id)
    throw new RemoteError('missing', `Version ${named.id} is not one of model ${model.id} on Civitai.`);
  const file = chooseFile(version, source.fileId, source.wanted);
  const pictures = (version.images ?? []).filter(({ type }) => type == null || type === 'image').slice(0, MAX_PICTURES);
  return {
    files: [fileOf(file, version, endpoint)],
    details: {
      site: 'civitai',
      name: model.name,
      version: version.name ?? null,
      description: await describe(model, version),
      tags: model.tags ?? [],
      licence: licenceOf(model),
      page: `${endpoint}/models/${model.id}?modelVersionId=${version.id}`,
      pictures: pictures.map(({ url, nsfw, nsfwLevel }) => ({ url, nsfw: isAdult(nsfw, nsfwLevel) })),
      companion: { ending: '.civitai.info', text: JSON.stringify(companionOf(model, version)) },
    },
  };
}

/** The file that is asked for; else the primary one, else the first that is a model. */
function chooseFile({ id, files }: Version, fileId: number | null, wanted: WantedFile): z.infer<typeof FILE> {
  const all = files ?? [];
  const same = (given: string | null | undefined, asked: string | undefined) =>
    asked === undefined || given?.toLowerCase() === asked.toLowerCase();
  const isWanted = ({ type, metadata }: z.infer<typeof FILE>) =>
    same(type, wanted.type) &&
    same(metadata?.format, wanted.format) &&
    same(metadata?.size, wanted.size) &&
    same(metadata?.fp, wanted.fp);
  const fitting = fileId === null ? all.filter(isWanted) : all.filter((file) => file.id === fileId);
  const file =
    fitting.find(({ primary }) => primary === true) ?? fitting.find(({ type }) => type === 'Model') ?? fitting[0];
  if (file === undefined)
    throw new RemoteError('missing', `Version ${id} has no such file on Civitai, or its maker has withdrawn it.`);
  return file;
}

function fileOf(file: z.infer<typeof FILE>, version: Version, endpoint: string): SourceFile {
  const hashes = new Map(Object.entries(file.hashes ?? {}).map(([name, value]) => [name.toUpperCase(), value]));
  return {
    url: file.downloadUrl ?? version.downloadUrl ?? `${endpoint}/api/download/models/${version.id}`,
    filename: file.name,
    // `sizeKB` is rounded.
    size: null,
    digests: definedDigests({
      sha256: readDigest(hashes.get('SHA256'), 64),
      blake3: readDigest(hashes.get('BLAKE3'), 64),
      autov2: readDigest(hashes.get('AUTOV2'), 10),
      crc32: readDigest(hashes.get('CRC32'), 8),
    }),
  };
}

async function describe(model: Model, version: Version): Promise<string> {
  const parts = [await htmlToMarkdown(model.description ?? '')];
  const ofVersion = await htmlToMarkdown(version.description ?? '');
  if (ofVersion !== '') parts.push(`## ${version.name ?? 'This version'}\n\n${ofVersion}`);
  return parts
    .filter((part) => part !== '')
    .join('\n\n')
    .slice(0, MAX_DESCRIPTION);
}

/** The rights that Civitai's makers choose, in a line. `allowCommercialUse` comes as a list and as `{Image,Rent}`. */
function licenceOf(model: Model): string | null {
  const { allowNoCredit, allowCommercialUse, allowDerivatives, allowDifferentLicense } = model;
  if (allowCommercialUse == null && allowNoCredit == null) return null;
  const uses = [allowCommercialUse ?? []].flat().flatMap((one) => one.replace(/[{}"]/g, '').split(','));
  const words = uses.flatMap((use) => COMMERCIAL[use.trim()] ?? []);
  return [
    allowNoCredit === false ? 'credit required' : 'no credit required',
    words.length === 0 ? 'no commercial use' : `commercial use: ${words.join(', ')}`,
    allowDerivatives === false ? 'no merges' : 'merges allowed',
    allowDifferentLicense === false ? 'same permissions on merges' : null,
  ]
    .filter((part) => part !== null)
    .join('; ');
}

const COMMERCIAL: Readonly<Record<string, string>> = {
  Image: 'sell images',
  RentCivit: "run on Civitai's generator",
  Rent: 'run on other generators',
  Sell: 'sell the model',
};

/** Civitai rates images by bits (1 is PG) and, in older answers, by words. */
function isAdult(nsfw: unknown, level: unknown): boolean {
  if (typeof level === 'number') return level > 2;
  return nsfw === true || (typeof nsfw === 'string' && nsfw !== 'None' && nsfw !== 'Soft');
}

/** What other programs keep beside a model of Civitai: the version as its API answers, with its model. */
function companionOf({ name, type, nsfw, tags, id }: Model, version: Version): object {
  const { images: _images, ...rest } = version;
  return { ...rest, modelId: id, model: { name, type, nsfw, tags } };
}
