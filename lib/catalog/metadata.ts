import {
  type MergeGraph,
  readAbout,
  readMergeGraph,
  readTagFolders,
  readThumbnail,
  readTraining,
  readTriggerWords,
  type TriggerWord,
} from '#scanner/metadata/index.ts';
import { checkSidecar } from '#scanner/sidecars/index.ts';
import type { Actor } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { readMetadata } from '../ingest/index.ts';
import type { SidecarContent } from './sidecars.ts';
import type { MetadataView } from './types.ts';
import { maySee, requireVisible, visibleTo } from './visibility.ts';

/** A popular base may be in thousands. */
const MAX_MERGES = 50;

/** What the maker of a file recorded in it or next to it, parsed and capped. Throws AppError `not_found`. */
export async function getMetadata(actor: Actor | null, fileId: number): Promise<MetadataView> {
  const file = await loadFile(actor, fileId);
  const metadata = metadataOf(file);
  const merge = readMergeGraph(metadata);
  return {
    about: readAbout(metadata),
    training: readTraining(metadata),
    tagFolders: readTagFolders(metadata),
    triggerWords: await listTriggerWords(fileId, metadata),
    merge: merge === null ? null : await linkMerge(actor, merge),
    usedIn: await findMergesOf(actor, file),
  };
}

/** Words that call up what a LoRA was trained on, from its metadata and from the notes that people keep next to it. */
export async function listTriggerWords(fileId: number, metadata: ReadonlyMap<string, string>): Promise<TriggerWord[]> {
  const notes = await db().sidecar.findMany({ where: { fileId, kind: { in: ['civitai', 'settings'] } } });
  return readTriggerWords(
    metadata,
    notes.flatMap(({ content }) => readNotedWords(content)),
  );
}

/** The picture in a file's metadata. Throws AppError `not_found` where there is none that a browser could show. */
export async function getThumbnail(actor: Actor | null, fileId: number): Promise<SidecarContent> {
  const bytes = readThumbnail(metadataOf(await loadFile(actor, fileId)));
  const mediaType = bytes === null ? null : checkSidecar('preview', Buffer.from(bytes));
  if (bytes === null || mediaType === null) throw new AppError('not_found', 'This file has no embedded image.');
  return { filename: `thumbnail.${mediaType.split('/')[1]}`, mediaType, content: bytes };
}

async function loadFile(actor: Actor | null, fileId: number) {
  const file = await db().modelFile.findUnique({
    where: { id: fileId },
    select: {
      metadata: true,
      sourceSha256: true,
      convertedSha256: true,
      version: { select: { model: { select: { published: true, ownerId: true } } } },
    },
  });
  requireVisible(actor, file?.version.model, 'file');
  return file;
}

function metadataOf(file: Awaited<ReturnType<typeof loadFile>>): Map<string, string> {
  return readMetadata(file?.metadata);
}

/** Trigger words in the notes of other tools: Civitai's `trainedWords`, AUTOMATIC1111's `activation text`. */
function readNotedWords(content: Uint8Array): string[] {
  try {
    const notes = JSON.parse(Buffer.from(content).toString('utf8')) as Record<string, unknown>;
    const words = [notes.trainedWords, notes['activation text']].flat();
    return words.filter((word): word is string => typeof word === 'string');
  } catch {
    return [];
  }
}

/** The models that were merged from a file, as source or converted, by the recipes in them. */
async function findMergesOf(
  actor: Actor | null,
  file: { sourceSha256: string; convertedSha256: string | null } | null,
): Promise<MetadataView['usedIn']> {
  const hashes = [file?.sourceSha256, file?.convertedSha256].filter((hash) => typeof hash === 'string');
  return await db().$queryRaw<MetadataView['usedIn']>`
    SELECT m.id, m.slug, m.name FROM model m
     WHERE ${visibleTo(actor)} AND m.id IN (
       SELECT v."modelId" FROM merge_parent p JOIN model_file f ON f.id = p."fileId"
         JOIN model_version v ON v.id = f."versionId" WHERE p.sha256 = ANY(${hashes}))
     ORDER BY m.id DESC LIMIT ${MAX_MERGES}`;
}

/** Gives each model of a family tree its page, where the catalog has the bytes, as source or converted. */
async function linkMerge(actor: Actor | null, graph: MergeGraph): Promise<MetadataView['merge']> {
  const hashes = graph.nodes.flatMap(({ sha256 }) => (sha256 === null ? [] : [sha256]));
  const files = await db().modelFile.findMany({
    where: { OR: [{ sourceSha256: { in: hashes } }, { convertedSha256: { in: hashes } }] },
    select: {
      sourceSha256: true,
      convertedSha256: true,
      version: { select: { model: { select: { id: true, slug: true, name: true, published: true, ownerId: true } } } },
    },
  });
  const models = new Map(
    files.flatMap(({ sourceSha256, convertedSha256, version: { model } }) =>
      maySee(actor, model) ? [sourceSha256, convertedSha256].map((hash) => [hash, model] as const) : [],
    ),
  );
  return {
    edges: graph.edges,
    nodes: graph.nodes.map((node) => {
      const model = models.get(node.sha256);
      return { ...node, model: model === undefined ? null : { id: model.id, slug: model.slug, name: model.name } };
    }),
  };
}
