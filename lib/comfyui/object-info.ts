import { RenderError } from '../render/index.ts';
import type { ComfyAddress } from './address.ts';
import { askJson } from './http.ts';

/** The inputs that hold lists of model files, by what is listed. */
export const LISTS = {
  checkpoints: ['CheckpointLoaderSimple', 'ckpt_name'],
  diffusion_models: ['UNETLoader', 'unet_name'],
  loras: ['LoraLoader', 'lora_name'],
  vae: ['VAELoader', 'vae_name'],
  textEncoders: ['CLIPLoader', 'clip_name'],
} as const;

/** A node as `GET /object_info/{class}` describes it; null where the server has no such node. */
export interface NodeInfo {
  /** Values that an input allows, where it is a list; null where it is none. */
  choices(input: string): readonly string[] | null;
}

/** Asks for one node. Throws RenderError as `askJson` does. */
export async function readNodeInfo(
  address: ComfyAddress,
  classType: string,
  seconds: number,
  signal?: AbortSignal,
): Promise<NodeInfo | null> {
  const path = `object_info/${encodeURIComponent(classType)}`;
  const answer = await askJson(address, path, { seconds, signal });
  if (!isRecord(answer)) throw notComfyServer(address);
  const node = answer[classType];
  if (node === undefined) return null;
  if (!isRecord(node) || !isRecord(node.input)) throw notComfyServer(address);
  const { required, optional } = node.input;
  return {
    choices(input) {
      const described = [required, optional].filter(isRecord).map((inputs) => inputs[input]);
      return choicesOf(described.find((one) => one !== undefined));
    },
  };
}

/** Names of the files that a loader lists; empty where the server has no such loader. */
export async function listModels(
  address: ComfyAddress,
  list: keyof typeof LISTS | 'embeddings',
  seconds: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (list === 'embeddings') {
    const names = await askJson(address, 'embeddings', { seconds, signal });
    if (!isStringArray(names)) throw notComfyServer(address);
    return names;
  }
  const [classType, input] = LISTS[list];
  return (await readNodeInfo(address, classType, seconds, signal))?.choices(input) ?? [];
}

/** `[[…names], options]`, or since 2025 `["COMBO", { options: […names] }]`. */
function choicesOf(described: unknown): readonly string[] | null {
  if (!Array.isArray(described)) return null;
  const [kind, options] = described as unknown[];
  if (isStringArray(kind)) return kind;
  if (kind === 'COMBO' && isRecord(options) && isStringArray(options.options)) return options.options;
  return null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function notComfyServer(address: ComfyAddress): RenderError {
  return new RenderError(
    'bad_request',
    `The server at ${address.shown} is not ComfyUI, or its version is not supported.`,
  );
}
