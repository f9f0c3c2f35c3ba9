import { RenderError } from '../render/index.ts';
import { type ComfyAddress, readAddress } from './address.ts';
import { findCompanion, titleOf } from './companions.ts';
import { COMFY_BASES, type Family, familyOf } from './families.ts';
import { askJson } from './http.ts';
import { isRecord, listModels, readNodeInfo } from './object-info.ts';
import { type ComfyOptions, type Companion, DEFAULT_COMFY_LIMITS } from './types.ts';
import { findUploadMethod, type UploadMethod } from './upload-model.ts';

/** What `GET /system_stats` tells. */
export interface ComfyMachine {
  version: string;
  /** The GPU's or processor's name, as torch says it. */
  device: string;
  /** torch's kind: `cuda` (AMD's too), `mps`, `xpu`, `cpu`… */
  deviceType: string;
  /** Bytes; null where the server does not tell. */
  memory: { total: number; free: number } | null;
  /** Bytes that torch holds of it; null where the server does not tell. */
  held: number | null;
}

export interface ComfyCheck extends Omit<ComfyMachine, 'held'> {
  /** Null where models can reach it by a shared folder alone. */
  uploads: UploadMethod | null;
  /** For each base, what the server lacks to render it, in words; empty where it lacks nothing. */
  missing: Record<string, string[]>;
}

/** Asks what renders there. Throws RenderError where nothing answers, or not ComfyUI. */
export async function readMachine(address: ComfyAddress, seconds: number): Promise<ComfyMachine> {
  const stats = await askJson(address, 'system_stats', { seconds });
  const system = isRecord(stats) ? stats.system : undefined;
  const devices = isRecord(stats) && Array.isArray(stats.devices) ? stats.devices.filter(isRecord) : [];
  if (!isRecord(system)) throw new RenderError('bad_request', `The server at ${address.shown} is not ComfyUI.`);
  const [device = {}] = devices;
  const { vram_total: total, vram_free: free, torch_vram_total: held } = device;
  return {
    version: String(system.comfyui_version ?? '(unknown version)'),
    device: String(device.name ?? 'unknown device'),
    deviceType: String(device.type ?? 'unknown'),
    memory: typeof total === 'number' && typeof free === 'number' ? { total, free } : null,
    held: typeof held === 'number' ? held : null,
  };
}

/**
 * What a ComfyUI can do for Weighhouse: its version, its device, and for each base what it lacks (nodes, and for models
 * that come without their text encoders or VAE, these). Throws RenderError where nothing answers, or not ComfyUI.
 */
export async function checkComfy(
  options: Pick<ComfyOptions, 'address' | 'companions' | 'limits'>,
  bases: readonly string[] = COMFY_BASES,
): Promise<ComfyCheck> {
  const address = readAddress(options.address);
  const seconds = options.limits?.answer ?? DEFAULT_COMFY_LIMITS.answer;
  const { held: _held, ...machine } = await readMachine(address, seconds);
  const uploads = await findUploadMethod(address, seconds);
  const lists = {
    textEncoders: await listModels(address, 'textEncoders', seconds),
    vae: await listModels(address, 'vae', seconds),
  };
  const has = (which: Companion, list: keyof typeof lists) =>
    findCompanion(which, lists[list], options.companions) !== null;

  const missing: ComfyCheck['missing'] = {};
  for (const base of bases) {
    const family = familyOf(base);
    if (family === null) {
      missing[base] = ['a workflow: this base model is not supported'];
      continue;
    }
    const nodes = await findMissingNodes(address, nodesOf(family), seconds);
    const encoders = family.encoders.files.filter((which) => !has(which, 'textEncoders'));
    const vae = has(family.vae, 'vae') ? [] : [family.vae];
    // Checkpoints of these bases come with all their parts; of the later ones, hardly any does.
    const companions = family.flowScheduler === null ? [] : [...encoders, ...vae];
    missing[base] = [...nodes.map((node) => `the node ${node}`), ...companions.map(titleOf)];
  }
  return { ...machine, uploads, missing };
}

/** Nodes that the workflows of a family are made of, without those for rarer wishes. */
export function nodesOf(family: Family): string[] {
  const nodes = ['CLIPTextEncode', 'KSampler', 'VAEDecode', 'PreviewImage', 'LoraLoader', 'VAELoader', family.latent];
  if (family.flowScheduler === null) nodes.push('CheckpointLoaderSimple');
  else nodes.push('UNETLoader', family.encoders.loader);
  if (family.shift) nodes.push(family.shift.node);
  if (family.guidance === 'embedded') nodes.push('FluxGuidance');
  return nodes;
}

export async function findMissingNodes(
  address: ComfyAddress,
  nodes: readonly string[],
  seconds: number,
): Promise<string[]> {
  const missing: string[] = [];
  for (const node of nodes) if ((await readNodeInfo(address, node, seconds)) === null) missing.push(node);
  return missing;
}
