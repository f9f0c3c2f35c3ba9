import type { RenderRequest } from '../render/index.ts';

/** Folders of ComfyUI's `models`, by the names under which its nodes look for them. */
export const MODEL_FOLDERS = ['checkpoints', 'diffusion_models', 'loras', 'vae', 'embeddings'] as const;
export type ModelFolder = (typeof MODEL_FOLDERS)[number];

/** Files next to a model that people keep once and share: text encoders, and VAEs of models published without one. */
export const COMPANIONS = [
  'clip-l',
  'clip-g',
  'clip-h',
  't5-xxl',
  'qwen-2.5-vl-7b',
  'qwen-3-4b',
  'qwen-3-vl-4b',
  'qwen-3-0.6b',
  'gemma-2-2b',
  'sd-vae',
  'sdxl-vae',
  'sd3-vae',
  'flux-vae',
  'qwen-image-vae',
] as const;
export type Companion = (typeof COMPANIONS)[number];

/** What ComfyUI needs to know of a model file beyond its path. */
export interface ComfyFile {
  /** Path of one of the request's files. */
  path: string;
  sha256: string;
  /** Of a file that others can change: it is copied, never linked, and the copy is held against its SHA-256. */
  isChangeable?: boolean;
  /** What ComfyUI calls it, relative to its folder, where people said so: it is taken as it stands. */
  comfyName?: string;
}

/** What a checkpoint holds next to the network that denoises. */
export interface CheckpointParts {
  textEncoders: boolean;
  vae: boolean;
}

/** A request with what ComfyUI needs on top: its workflows depend on the base, its files on names. */
export interface ComfyRequest extends RenderRequest {
  /** As identification names it: `sdxl`, `flux1`… */
  base: string;
  /** One for each file of the request. */
  files: readonly ComfyFile[];
  /** Read from the checkpoint's header where absent. */
  parts?: CheckpointParts;
}

/** Seconds after which waiting ends. */
export interface ComfyLimits {
  /** For one answer. */
  answer: number;
  /** Without any sign of progress while a picture is rendered: loading from a slow disk gives none. */
  silence: number;
  /** In ComfyUI's queue behind other people's work. */
  queue: number;
  /** For a server that stopped answering to come back. */
  unreachable: number;
  /** For a file that was put into the shared folder to be listed. */
  listing: number;
}

export const DEFAULT_COMFY_LIMITS: ComfyLimits = {
  answer: 30,
  silence: 900,
  queue: 3600,
  unreachable: 60,
  listing: 15,
};

export interface SharedFolderOptions {
  /** ComfyUI's `models` folder, or one that its extra_model_paths.yaml names, as this machine sees it. */
  path: string;
  /** Bytes that Weighhouse may have there; the oldest that nobody uses go first. */
  maxBytes: number;
}

export interface ComfyOptions {
  /** `http://host:8188`; user and password may stand in it. */
  address: string;
  sharedFolder?: SharedFolderOptions;
  /** Sends models that the server lacks, where it can take them. Nothing removes them there again. */
  uploads?: boolean;
  /** Names of shared files as the server lists them, in place of what is found by their usual names. */
  companions?: Partial<Record<Companion, string>>;
  limits?: Partial<ComfyLimits>;
}

/** A value of a node, or the output of another: its id and which of its outputs. */
export type NodeInput = string | number | boolean | readonly [node: string, output: number];

export interface GraphNode {
  class_type: string;
  inputs: Record<string, NodeInput>;
}

/** A workflow in the format that `POST /prompt` takes. */
export type Graph = Record<string, GraphNode>;
