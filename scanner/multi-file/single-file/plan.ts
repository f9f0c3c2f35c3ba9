import type { BaseId } from '../../bases/index.ts';
import type { Identity } from '../../identify/index.ts';
import type { FileSource } from '../../source.ts';
import { rowMajorStride, type Tensor, type TensorTable } from '../../tensors/index.ts';
import { ModelFolderError } from '../errors.ts';
import type { OpenModel } from '../open-model.ts';
import { mapOpenClipText, mapTransformersText } from './map-text.ts';
import { mapUnet } from './map-unet.ts';
import { mapVae } from './map-vae.ts';
import type { ByName, MappedTensor, Mapping } from './types.ts';

/** Where the numbers of a tensor come from. */
export interface Piece {
  source: FileSource;
  tensor: Tensor;
}

/** The one file that a model in several becomes. */
export interface SingleFilePlan {
  /** As if it were read from one file; only names, types and shapes count. */
  table: TensorTable;
  /** The numbers of each tensor of the table, row by row. */
  piecesOf: ReadonlyMap<Tensor, readonly Piece[]>;
  /** Components with weights that such a file does not hold. */
  otherComponents: string[];
  /** Tensors that programs make themselves, with their component. */
  leftOut: string[];
}

type Mapper = (tensors: ByName, identity: Identity) => Mapping;

const unet: Mapper = (tensors, { base, variant }) => mapUnet(tensors, base, variant);
const clipL =
  (prefix: string): Mapper =>
  (tensors) =>
    mapTransformersText(tensors, prefix);
const openClip =
  (prefix: string): Mapper =>
  (tensors) =>
    mapOpenClipText(tensors, prefix);

/** The components of each base that has a file of its own layout, and where they go in it. */
const LAYOUTS: ReadonlyMap<string, Readonly<Record<string, Mapper>>> = new Map<BaseId, Record<string, Mapper>>([
  ['sd1', { unet, vae: mapVae, text_encoder: clipL('cond_stage_model.transformer.') }],
  ['sd2', { unet, vae: mapVae, text_encoder: openClip('cond_stage_model.model.') }],
  [
    'sdxl',
    {
      unet,
      vae: mapVae,
      text_encoder: clipL('conditioner.embedders.0.transformer.'),
      text_encoder_2: openClip('conditioner.embedders.1.model.'),
    },
  ],
  ['sdxl-refiner', { unet, vae: mapVae, text_encoder_2: openClip('conditioner.embedders.0.model.') }],
]);

const VARIANTS: ReadonlySet<string | null> = new Set([
  null,
  'v-prediction',
  'inpaint',
  'pix2pix',
  'distilled',
  'ssd-1b',
  'segmind-vega',
]);

/**
 * Plans the one file: shards keep their names, and the components of a diffusers folder get those of the original
 * checkpoints. Throws ModelFolderError where there is no such layout, and where a tensor has no place or is missing.
 */
export function planSingleFile(model: OpenModel, identity: Identity): SingleFilePlan {
  return model.folder.kind === 'shards' ? joinShards(model) : planCheckpoint(model, identity);
}

function joinShards({ table, sourceOf }: OpenModel): SingleFilePlan {
  return {
    table,
    piecesOf: new Map(table.tensors.map((tensor) => [tensor, [{ source: sourceOf(tensor), tensor }]])),
    otherComponents: [],
    leftOut: [],
  };
}

function planCheckpoint(model: OpenModel, identity: Identity): SingleFilePlan {
  const layout = LAYOUTS.get(identity.base);
  if (layout === undefined || !VARIANTS.has(identity.variant)) {
    const what = [identity.base, identity.variant].filter(Boolean).join(', ');
    throw new ModelFolderError(
      `Only diffusers folders of SD 1.x, SD 2.x and SDXL can be converted to a single file. This one is ${what}.`,
    );
  }
  const plan = { tensors: [] as Tensor[], piecesOf: new Map<Tensor, Piece[]>() };
  const leftOut: string[] = [];
  const refused = model.table.refused.filter(({ name }) => Object.hasOwn(layout, componentOf(name)));
  for (const [component, map] of Object.entries(layout)) {
    const tensors = tensorsOf(model, component);
    if (tensors.size === 0) throw new ModelFolderError(`The folder has no weights of the component "${component}".`);
    const { mapped, unmapped, missing, leftOut: own } = map(tensors, identity);
    if (unmapped.length > 0)
      throw new ModelFolderError(
        `Tensors of the component "${component}" have no place in a single file: ${list(unmapped)}.`,
      );
    // A tensor that cannot be read is no missing one, and is named when it is chosen.
    if (missing.length > 0 && refused.length === 0)
      throw new ModelFolderError(`The component "${component}" lacks tensors: ${list(missing)}.`);
    leftOut.push(...own.map((name) => `${component}.${name}`));
    for (const tensor of mapped) add(model, tensor, tensors, plan);
  }
  return {
    table: { tensors: plan.tensors, nonTensors: model.table.nonTensors, refused, metadata: new Map(), pickle: null },
    piecesOf: plan.piecesOf,
    otherComponents: model.folder.components.map(({ name }) => name).filter((name) => !Object.hasOwn(layout, name)),
    leftOut,
  };
}

const componentOf = (name: string) => name.slice(0, name.indexOf('.'));

/** By the names behind the component. */
function tensorsOf({ table }: OpenModel, component: string): ByName {
  const prefix = `${component}.`;
  return new Map(
    table.tensors
      .filter(({ name }) => name.startsWith(prefix))
      .map((tensor) => [tensor.name.slice(prefix.length), tensor]),
  );
}

function add(
  { sourceOf }: OpenModel,
  { name, shape, parts }: MappedTensor,
  tensors: ByName,
  plan: { tensors: Tensor[]; piecesOf: Map<Tensor, Piece[]> },
): void {
  const [first] = parts;
  if (first === undefined) return;
  const storage = { start: 0, elements: 0, offset: 0, stride: rowMajorStride(shape) };
  const whole: Tensor = { name, dtype: first.dtype, shape, storage };
  plan.tensors.push(whole);
  plan.piecesOf.set(
    whole,
    parts.map((tensor) => {
      // A view of it (transposed) is another object.
      const original = tensors.get(tensor.name.slice(componentOf(tensor.name).length + 1)) ?? tensor;
      return { source: sourceOf(original), tensor };
    }),
  );
}

const SHOWN = 5;

function list(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}
