import type { Tx } from '../../db/index.ts';
import {
  createBlur,
  createThumbnail,
  describeTile,
  encodePng,
  type GenerationParameters,
  type GridCell,
  type KnownHashes,
  listFields,
  renderGrid,
  writeInfotext,
} from '../../pictures/index.ts';
import type { ModelFileRef, Picture, RenderRequest } from '../../render/index.ts';
import { bestTile, coverModels, deleteUnusedBlobs, type NewPicture, storePicture } from '../pictures/index.ts';
import type { PlannedTile, TilePlan } from '../plan/index.ts';
import { type Claim, publishPreview, withClaim } from '../queue/index.ts';

/** A preview that is being rendered. */
export interface RenderJob {
  claim: Claim;
  tilePlan: TilePlan;
  request: RenderRequest;
  /** Throws AppError where the files that are rendered are no longer those that were asked for. */
  confirm: () => Promise<void>;
  hashesOf: (file: ModelFileRef) => KnownHashes | null;
}

interface PictureDetails {
  kind: 'tile' | 'grid';
  /** Index of the tile. */
  tile: number;
  label: string;
  seed: number | null;
  loraWeight: number | null;
  parameters: GenerationParameters;
}

/** Keeps one rendered tile, counts it and reports it. Throws where the preview is not the worker's own any more. */
export async function storeTile(job: RenderJob, index: number, picture: Picture): Promise<void> {
  const tile = job.tilePlan.tiles[index];
  if (tile === undefined) throw new Error(`The renderer returned tile ${index}, which was not requested.`);
  await job.confirm();
  const parameters = parametersOf(job, tile, picture);
  const infotext = writeInfotext(parameters);
  const bytes = await encodePng(picture, infotext);
  const kept = { bytes, mediaType: 'image/png' as const, width: picture.width, height: picture.height };
  const details: PictureDetails = {
    kind: 'tile',
    tile: index,
    label: tile.label,
    seed: tile.request.seed,
    loraWeight: tile.loraWeight,
    parameters,
  };
  await savePicture(job, details, infotext, { ...kept, ...(await createPlaceholders(picture)) }, (tx) =>
    tx.preview.update({ where: { id: job.claim.id }, data: { done: { increment: 1 } } }),
  );
}

/** Renders all tiles as one picture with its axes, and keeps it. A tile that failed says why in its place. */
export async function storeGrid(
  job: RenderJob,
  pictures: ReadonlyMap<number, Picture>,
  failure: string | null,
): Promise<void> {
  const { tilePlan } = job;
  const [first] = tilePlan.tiles;
  const [picture] = pictures.values();
  if (first === undefined || picture === undefined || tilePlan.tiles.length < 2) return;
  const titles = TITLES[tilePlan.layout];
  const parameters = {
    ...parametersOf(job, first, picture),
    other: {
      Script: 'X/Y/Z plot',
      'X Type': titles.columns,
      'X Values': tilePlan.columns.join(', '),
      'Y Type': titles.rows,
      'Y Values': tilePlan.rows.join(', '),
    },
  };
  const infotext = writeInfotext(parameters);
  const cells = tilePlan.tiles.map((_, index): GridCell => {
    const picture = pictures.get(index);
    return picture === undefined ? { failure: failure ?? 'This tile was not rendered.' } : { picture };
  });
  const { png, width, height } = await renderGrid({
    columns: { title: titles.columns, labels: tilePlan.columns },
    rows: { title: titles.rows, labels: tilePlan.rows },
    cells,
    tile: { width: picture.width, height: picture.height },
    infotext,
  });
  const details: PictureDetails = {
    kind: 'grid',
    tile: 0,
    label: 'All tiles',
    seed: null,
    loraWeight: null,
    parameters,
  };
  await savePicture(job, details, infotext, {
    bytes: png,
    mediaType: 'image/png',
    width,
    height,
    ...(await createPlaceholders(png)),
  });
}

const TITLES = {
  samples: { columns: 'Seed', rows: 'Subject' },
  sweep: { columns: 'LoRA weight', rows: 'Seed' },
  comparison: { columns: 'Compared', rows: 'Seed' },
} as const;

function parametersOf({ request, hashesOf }: RenderJob, tile: PlannedTile, picture: Picture): GenerationParameters {
  // A renderer with too little memory renders smaller than it was asked to.
  const { width, height } = picture;
  return describeTile(request, { ...tile.request, width, height }, hashesOf);
}

async function createPlaceholders(picture: Uint8Array | Picture) {
  return { thumbnail: await createThumbnail(picture), blur: await createBlur(picture) };
}

interface Kept {
  id: number;
  before: { sha256: string; thumbnailSha256: string } | null;
}

/** In the place of the picture that an earlier rendering left there, whose bytes are dropped. */
async function savePicture(
  { claim, tilePlan }: RenderJob,
  { kind, tile, label, seed, loraWeight, parameters }: PictureDetails,
  infotext: string,
  picture: NewPicture,
  count: (tx: Tx) => Promise<unknown> = async () => {},
): Promise<void> {
  const transaction = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const result = await withClaim(claim, async (tx) => ({ value: await work(tx) }));
    if (result === null) throw new LostClaim();
    return result.value;
  };
  const kept = await storePicture<Kept>(picture, transaction, async (tx, bytes) => {
    const key = { previewId: claim.id, kind, tile };
    const before = await tx.picture.findUnique({ where: { previewId_kind_tile: key } });
    const { prompt, negativePrompt } = parameters;
    const data = {
      ...key,
      ...bytes,
      filename: `preview-${claim.id}-${kind === 'grid' ? 'grid' : tile + 1}.png`,
      label,
      seed: seed === null ? null : BigInt(seed),
      loraWeight,
      generator: 'Weighhouse',
      infotext,
      parameters: { prompt, negativePrompt, fields: listFields(parameters) },
      createdAt: new Date(),
    };
    const { id } = await tx.picture.upsert({ where: { previewId_kind_tile: key }, create: data, update: data });
    await count(tx);
    await publishPreview(tx, claim.id);
    return { id, before };
  });
  await deleteUnusedBlobs([kept.before?.sha256, kept.before?.thumbnailSha256]);
  if (kind === 'tile') await coverModels(claim.id, kept.id, { isBest: tile === bestTile(tilePlan) });
}

/** The preview is not this worker's any more: what is rendered of it is for nobody. */
export class LostClaim extends Error {
  constructor() {
    super('The preview was cancelled, planned again or claimed by another worker.');
    this.name = 'LostClaim';
  }
}
