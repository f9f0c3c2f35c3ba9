/** What pages and the API show of the catalog. Plain data: every value survives JSON. */
import type { About, MergeEdge, MergeNode, TagFolder, TrainingGroup, TriggerWord } from '#scanner/metadata/index.ts';
import type { TensorStatistics } from '#scanner/statistics/index.ts';
import type { IngestStage } from '../stages.ts';
import type { CatalogSort } from './sorts.ts';

/** A model's picture on a card of the catalog. */
export interface CoverView {
  pictureId: number;
  url: string;
  thumbnailUrl: string;
  blur: string | null;
  width: number;
  height: number;
  nsfw: boolean;
}

export type FileStateName =
  | 'quarantined'
  | 'scanning'
  | 'clean'
  | 'suspicious'
  | 'malformed'
  | 'dangerous'
  | 'incomplete';

export type ConversionStateName = 'none' | 'queued' | 'converting' | 'verifying' | 'converted' | 'not_convertible';

export type FieldSourceName = 'weights' | 'config' | 'metadata' | 'hash' | 'sidecar' | 'filename' | 'user';

/** One search, as the URL spells it. Lists mean "any of". */
export interface CatalogQuery {
  /** Words to find in name, description, tags, licence, owner and file names, or at least the first 6 digits of a hash. */
  q: string;
  base: string[];
  family: string[];
  type: string[];
  verdict: FileStateName[];
  tag: string[];
  /** Only models whose type or base nothing in the file tells and nobody has set. */
  unknown: boolean;
  sort: CatalogSort;
  descending: boolean;
  /** From 1. */
  page: number;
  /** 1 to 100. */
  pageSize: number;
}

export interface CatalogRow {
  id: number;
  slug: string;
  name: string;
  type: string;
  base: string;
  family: string | null;
  verdict: FileStateName;
  conversion: ConversionStateName;
  tags: string[];
  /** Bytes of the file a download sends. */
  size: number;
  downloads: number;
  owner: string | null;
  createdAt: string;
  updatedAt: string;
  /** Whether the person who asks may change it. */
  editable: boolean;
  /** What it renders; null where there is no picture yet. */
  cover: CoverView | null;
}

export interface FacetCount {
  value: string;
  count: number;
}

export interface CatalogResult {
  rows: CatalogRow[];
  total: number;
  /** A text finds more than were counted: `total` are only the first of them, and facets may have more than they say. */
  isCapped: boolean;
  /** Each facet is counted with every other filter applied, but not its own. */
  facets: { base: FacetCount[]; family: FacetCount[]; type: FacetCount[]; verdict: FacetCount[]; tag: FacetCount[] };
  /** How many models the search would leave with `unknown`. */
  unknown: number;
}

export interface FindingView {
  rule: string;
  /** What the rule looks for, in a few words; null where the message says it all. */
  title: string | null;
  severity: string;
  global: string | null;
  call: string | null;
  message: string;
  where: { member?: string; pickle?: number; offset?: number; opcode?: string } | null;
}

export interface HashesView {
  sha256: string;
  autov1: string | null;
  autov2: string;
  autov3: string | null;
  blake3: string | null;
  crc32: string | null;
}

export interface TensorView {
  name: string;
  dtype: string;
  shape: number[];
}

export interface StageView {
  stage: IngestStage;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** 0 to 1. */
  progress: number;
  message: string | null;
}

export interface FileView {
  id: number;
  filename: string;
  container: string;
  layout: 'file' | 'shards' | 'diffusers';
  /** Of a model in several files, each with its own verdict; none for a single file. */
  parts: {
    path: string;
    sha256: string;
    state: FileStateName;
    size: number;
    /** Whether its safetensors is downloaded in its place. */
    isReplaced: boolean;
  }[];
  /** Bytes of the source. */
  size: number;
  hashes: HashesView;
  /** Of a file that was imported in place: what became of it. Where it lies is for administrators. Null in the store. */
  place: { state: 'held' | 'changed' | 'vanished'; path: string | null } | null;
  state: FileStateName;
  rules: string | null;
  /** The verdict that newer rules replaced last, where they did; null where the file was judged once. */
  previous?: { state: FileStateName; rules: string } | null;
  scannedAt: string | null;
  findings: FindingView[];
  globals: { name: string; class: string; count: number }[];
  /** What each program reads, of a file of more than one format; none of any other. */
  readings: { program: string; format: string; verdict: FileStateName; why: string }[];
  conversion: ConversionStateName;
  conversionReason: string | null;
  converted: { filename: string; size: number; hashes: HashesView } | null;
  disarmed: boolean;
  /** What identification said, whole; null until it ran. */
  identity: {
    type: string;
    base: string;
    variant: string | null;
    prediction: string | null;
    confidence: string;
    components: string[];
    evidence: { field: string; source: string; detail: string }[];
    /** A line of fine-tunes, such as `pony`. */
    family?: string | null;
    /** True where the file records that it was merged. */
    merge?: boolean;
    /** LoRA only: `lora`, `locon`, `loha`… */
    algorithm?: string;
    /** What its base is published with and the file lacks. */
    absent?: string[];
    /** Numbers in all tensors. */
    parameters?: number;
    /** Types of its numbers, the one with the most first. */
    precision?: string[];
    /** Tensors that its network should have and the file lacks: how many, and the first of them. */
    missingTensors?: { count: number; names: string[] };
    /** Tensors that belong to nothing known, likewise. */
    surplusTensors?: { count: number; names: string[] };
    /** LoRA only: what it changes. */
    lora?: { modules: number; ranks: number[]; alphas: number[] };
    /** Base models that fit the weights alike, where there are several. */
    candidates?: string[];
    /** How much of the file the network of its base explains, and what the best one of another base does. */
    coverage?: {
      unit: 'tensors' | 'layers';
      total: number;
      explained: number;
      missing: number;
      runnerUp: number;
    };
    /** What does not fit, in plain sentences. */
    problems?: string[];
  } | null;
  tensors: TensorView[];
  /** What the numbers of each tensor are like, in the order of `tensors`; null until somebody asks. */
  statistics: (Omit<TensorStatistics, 'dtype'> & { dtype: string })[] | null;
  /** What is wrong with them, in sentences. */
  brokenNumbers: string[];
  /** How far the reading of them is, 0 to 1; null where they are not being read. */
  measuring: number | null;
  /** The last conversion with other options that somebody asked for; null where nobody has. */
  variant: { state: 'running' | 'done' | 'failed'; progress: number; message: string | null } | null;
  nonTensors: { name: string; summary: string }[];
  /** Values of more than 10 000 letters are cut off. */
  metadata: Record<string, string>;
  /** Whether its metadata has a picture, at `/api/files/<id>/thumbnail`. */
  thumbnail: boolean;
  /** What was uploaded next to it. */
  sidecars: SidecarView[];
  stages: StageView[];
  /** What the person who asks may do with it. */
  may: {
    /** Into a further file of the model, with other options. */
    convertAgain: boolean;
    downloadConverted: boolean;
    /** Of what was converted, where the operator has set a key. */
    downloadSignature: boolean;
    downloadOriginal: boolean;
    fetchQuarantined: boolean;
    disarm: boolean;
    measure: boolean;
    retry: boolean;
  };
}

/** A file that came next to a model under its name; its content is at `/api/sidecars/<id>`. */
export interface SidecarView {
  id: number;
  filename: string;
  kind: 'preview' | 'config' | 'civitai' | 'settings' | 'text';
  mediaType: string;
}

/** What the maker of a file recorded in it or next to it, parsed. Nothing of this is checked. */
export interface MetadataView {
  about: About;
  training: TrainingGroup[];
  tagFolders: TagFolder[];
  triggerWords: TriggerWord[];
  /** What it was merged from; null where no merge is recorded. */
  merge: {
    nodes: (MergeNode & { model: { id: number; slug: string; name: string } | null })[];
    edges: MergeEdge[];
  } | null;
  /** Merges of the catalog that say that they were made from it, the newest first. */
  usedIn: { id: number; slug: string; name: string }[];
}

export interface VersionView {
  id: number;
  name: string;
  createdAt: string;
  publishedAt: string | null;
  files: FileView[];
}

export interface ModelView {
  id: number;
  slug: string;
  name: string;
  description: string;
  /** As the page says it that the model was imported from. */
  licence: string | null;
  /** That page. */
  sourceUrl: string | null;
  type: string;
  typeSource: FieldSourceName;
  base: string;
  baseSource: FieldSourceName;
  family: string | null;
  verdict: FileStateName;
  published: boolean;
  owner: string | null;
  tags: string[];
  downloads: number;
  createdAt: string;
  updatedAt: string;
  /** Newest first. */
  versions: VersionView[];
  may: { edit: boolean; delete: boolean; uploadVersion: boolean };
}

/** What a person may change. A type or base set here is marked `user` and no later identification touches it; null gives it back. */
export interface ModelPatch {
  name?: string;
  description?: string;
  tags?: string[];
  type?: string | null;
  base?: string | null;
  licence?: string | null;
}

/** A model that goes with another. */
export interface CompatibleRow {
  id: number;
  slug: string;
  name: string;
  type: string;
  base: string;
  family: string | null;
  verdict: FileStateName;
  /** Share of the layers that a LoRA changes which the checkpoint has, 0 to 1; null where they cannot be compared. */
  share: number | null;
  /** What loads and may still disappoint, in sentences. */
  warnings: string[];
}

export interface CompatibleModels {
  /** Whether the model is one that others are put on, or one of those; null where neither. */
  role: 'host' | 'adapter' | null;
  rows: CompatibleRow[];
  /** All that go with it, of which `rows` are the most used. */
  total: number;
}
