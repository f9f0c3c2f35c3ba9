import { z } from 'zod';
import { FORMAT_NAMES, LOADER_NAMES, RULES } from '#scanner/index.ts';
import { type Actor, can } from '../accounts/index.ts';
import { config } from '../config.ts';
import { db, jsonColumn, type Prisma } from '../db/index.ts';
import {
  GLOBALS,
  IDENTITY,
  mayConvertAgain,
  mayDisarm,
  mayRetry,
  NON_TENSORS,
  READINGS,
  readMetadata,
  STATISTICS,
  TENSORS,
  WHERE,
} from '../ingest/index.ts';
import { describePlace } from '../storage/index.ts';
import { convertedName, mayDownload } from './download.ts';
import { stagesOf } from './stages.ts';
import type { FileView, HashesView, ModelView } from './types.ts';
import { maySee } from './visibility.ts';

const INCLUDE = {
  owner: { select: { name: true } },
  tags: { include: { tag: true } },
  versions: {
    orderBy: { id: 'desc' },
    include: {
      files: {
        orderBy: { id: 'desc' },
        include: {
          source: true,
          converted: true,
          parts: { orderBy: { path: 'asc' }, include: { blob: { select: { size: true } } } },
          findings: { orderBy: { id: 'asc' } },
          runs: { orderBy: { id: 'asc' } },
          sidecars: { orderBy: { id: 'asc' }, select: { id: true, filename: true, kind: true, mediaType: true } },
        },
      },
    },
  },
} satisfies Prisma.ModelInclude;

type LoadedModel = Prisma.ModelGetPayload<{ include: typeof INCLUDE }>;
type LoadedFile = LoadedModel['versions'][number]['files'][number];

/** A model as `actor` may see it, or null where there is none for them: an unpublished model of another looks like none. */
export async function getModel(actor: Actor | null, id: number): Promise<ModelView | null> {
  const model = await db().model.findUnique({ where: { id }, include: INCLUDE });
  if (model === null || !maySee(actor, model)) return null;

  const previous = await findPreviousVerdicts(model);
  const places = await findPlaces(actor, model);
  return {
    id: model.id,
    slug: model.slug,
    name: model.name,
    description: model.description,
    licence: model.licence,
    sourceUrl: model.sourceUrl,
    type: model.type,
    typeSource: model.typeSource,
    base: model.base,
    baseSource: model.baseSource,
    family: model.family,
    verdict: model.verdict,
    published: model.published,
    owner: model.owner?.name ?? null,
    tags: model.tags.map(({ tag }) => tag.name).sort(),
    downloads: model.downloads,
    createdAt: model.createdAt.toISOString(),
    updatedAt: model.updatedAt.toISOString(),
    versions: placeVariants(model.versions).map((version) => ({
      id: version.id,
      name: version.name,
      createdAt: version.createdAt.toISOString(),
      publishedAt: version.publishedAt?.toISOString() ?? null,
      files: version.files.map((file) => ({
        ...presentFile(actor, file, model),
        place: places.get(file.id) ?? null,
        previous: previous.get(String(file.id)) ?? null,
      })),
    })),
    may: {
      edit: can(actor, 'model.edit', model.ownerId),
      delete: can(actor, 'model.delete', model.ownerId),
      uploadVersion: can(actor, 'upload.create') && can(actor, 'model.add-version', model.ownerId),
    },
  };
}

/** What became of files that were imported in place, by their ids. Of one in several parts, that is the worst of them. */
async function findPlaces(actor: Actor | null, model: LoadedModel): Promise<Map<number, FileView['place']>> {
  const showsPath = actor !== null && can(actor, 'imports.manage');
  const files = model.versions.flatMap((version) => version.files);
  const found = await Promise.all(
    files.map(async ({ id, sourceSha256, parts }) => {
      const digests = parts.length === 0 ? [sourceSha256] : parts.map(({ sha256 }) => sha256);
      const places = (await Promise.all(digests.map(describePlace))).filter((place) => place !== null);
      const place = places.find(({ state }) => state !== 'held') ?? places[0] ?? null;
      return [id, place === null ? null : { ...place, path: showsPath ? place.path : null }] as const;
    }),
  );
  return new Map(found);
}

/** What `file.rescan` keeps of the verdict before. */
const VERDICT = jsonColumn(
  'audit_entry.before',
  z.object({
    state: z.enum(['quarantined', 'scanning', 'clean', 'suspicious', 'malformed', 'dangerous', 'incomplete']),
    rules: z.string(),
  }),
);

/** What a re-scan by newer rules replaced last, by file id; from the audit log, which keeps it. */
async function findPreviousVerdicts(model: LoadedModel): Promise<Map<string, FileView['previous']>> {
  const ids = model.versions.flatMap(({ files }) => files.map(({ id }) => String(id)));
  const rows = await db().auditEntry.findMany({
    where: { subject: 'file', subjectId: { in: ids }, action: 'file.rescan' },
    orderBy: { id: 'asc' },
    select: { subjectId: true, before: true },
  });
  return new Map(rows.map(({ subjectId, before }) => [subjectId, VERDICT.tryRead(before)]));
}

/**
 * Newest first, and what was made of a version here behind it: it stands for the model less than what people uploaded.
 */
function placeVariants(versions: LoadedModel['versions']): LoadedModel['versions'] {
  const sourceIdOf = (version: LoadedModel['versions'][number]) => version.files[0]?.madeFromId ?? null;
  const own = versions.filter((version) => sourceIdOf(version) === null);
  const placed = own.flatMap((version) => {
    const ids = new Set<number | null>(version.files.map(({ id }) => id));
    return [version, ...versions.filter((other) => ids.has(sourceIdOf(other)))];
  });
  // A variant of a variant has no version of its own to stand behind.
  return [...placed, ...versions.filter((version) => !placed.includes(version))];
}

function findVariant({ runs }: LoadedFile): FileView['variant'] {
  const run = runs.findLast(({ stage }) => stage === 'variant');
  if (run === undefined) return null;
  const state = run.endedAt === null ? 'running' : run.outcome === 'ok' ? 'done' : 'failed';
  return { state, progress: run.progress, message: run.message };
}

function findMeasuring({ runs }: LoadedFile): number | null {
  const run = runs.findLast(({ stage }) => stage === 'measure');
  return run === undefined || run.endedAt !== null ? null : run.progress;
}

const MAX_VALUE = 10_000;

/** Pictures and lists of tags are megabytes; a page shows their beginning. */
function shortenValues(metadata: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    Array.from(metadata, ([key, value]) => [
      key,
      value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}… (${value.length} characters in total)` : value,
    ]),
  );
}

function presentFile(actor: Actor | null, file: LoadedFile, model: LoadedModel): Omit<FileView, 'place'> {
  const measured = STATISTICS.tryRead(file.statistics);
  const metadata = readMetadata(file.metadata);
  const parts = file.parts.map(({ path, sha256, state, blob, convertedSha256 }) => ({
    path,
    sha256,
    state,
    size: Number(blob.size),
    isReplaced: convertedSha256 !== null && file.state === 'clean',
  }));
  const original = mayDownload(actor, model, file, 'original');
  return {
    id: file.id,
    filename: file.filename,
    container: file.container,
    layout: file.layout,
    parts,
    size: file.layout === 'file' ? Number(file.source.size) : parts.reduce((sum, { size }) => sum + size, 0),
    hashes: presentHashes(file.source),
    state: file.state,
    rules: file.rules,
    scannedAt: file.scannedAt?.toISOString() ?? null,
    findings: file.findings.map(({ rule, severity, global, call, message, where }) => ({
      rule,
      title: RULES.get(rule)?.title ?? null,
      severity,
      global,
      call,
      message,
      where: WHERE.tryRead(where),
    })),
    globals: GLOBALS.tryRead(file.globals) ?? [],
    readings: (READINGS.tryRead(file.readings) ?? []).map(({ loader, format, verdict, why }) => ({
      program: LOADER_NAMES[loader],
      format: FORMAT_NAMES[format],
      verdict,
      why,
    })),
    conversion: file.conversion,
    conversionReason: file.conversionReason,
    converted:
      file.converted === null
        ? null
        : {
            filename: convertedName(file.filename),
            size: Number(file.converted.size),
            hashes: presentHashes(file.converted),
          },
    disarmed: file.disarmedAt !== null,
    identity: IDENTITY.tryRead(file.identity),
    tensors: TENSORS.tryRead(file.tensors) ?? [],
    statistics: measured?.tensors ?? null,
    brokenNumbers: measured?.problems ?? [],
    measuring: findMeasuring(file),
    variant: findVariant(file),
    nonTensors: NON_TENSORS.tryRead(file.nonTensors) ?? [],
    metadata: shortenValues(metadata),
    thumbnail: metadata.has('modelspec.thumbnail'),
    sidecars: file.sidecars as FileView['sidecars'],
    stages: stagesOf(file),
    may: {
      convertAgain:
        can(actor, 'upload.create') && can(actor, 'model.add-version', model.ownerId) && mayConvertAgain(file),
      downloadConverted: mayDownload(actor, model, file, 'converted'),
      downloadSignature: mayDownload(actor, model, file, 'converted') && config().signingKey !== null,
      downloadOriginal: original && file.state === 'clean',
      fetchQuarantined: original && file.state !== 'clean',
      disarm: can(actor, 'file.disarm') && mayDisarm(file),
      measure: can(actor, 'file.measure') && file.tensors !== null && file.layout === 'file',
      retry: can(actor, 'file.retry', model.ownerId) && mayRetry(file),
    },
  };
}

interface BlobHashes {
  sha256: string;
  autoV1: string | null;
  autoV3: string | null;
  blake3: string | null;
  crc32: string | null;
}

function presentHashes({ sha256, autoV1, autoV3, blake3, crc32 }: BlobHashes): HashesView {
  return { sha256, autov1: autoV1, autov2: sha256.slice(0, 10), autov3: autoV3, blake3, crc32 };
}
