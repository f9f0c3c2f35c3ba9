import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import type { GraphTarget } from '../onnx/index.ts';
import { PROVIDERS, type Provider, RenderError } from '../types.ts';
import { isGoodEnough, referenceDevice, runSelfTest, type SelfTest, type TestSize } from './self-test.ts';
import type { Device } from './session.ts';

/** What one provider can do on this machine. */
export interface ProviderState {
  provider: Provider;
  /** Null where it can render. */
  reason: string | null;
  precision: 'fp16' | 'fp32';
  /** How many times as fast as the processor the test network ran; null where it did not. */
  speed: number | null;
}

export interface ChosenDevice extends Device {
  /** The GPU's or processor's name, as far as the system tells. */
  name: string;
  rejected: { provider: Provider; reason: string }[];
}

const MIB = 1024 * 1024;
/** Scores of attention at once: well below what WebGPU devices bind as one buffer (128 MiB at least). */
const ATTENTION_BYTES: Readonly<Record<Provider, number>> = {
  cuda: 512 * MIB,
  webgpu: 96 * MIB,
  coreml: 256 * MIB,
  dml: 256 * MIB,
  cpu: 256 * MIB,
};
/** What gives right numbers where: MultiHeadAttention was wrong on WebGPU, and CoreML and DirectML hand it to the processor. */
const ATTENTION: Readonly<Record<Provider, GraphTarget['attention']>> = {
  cuda: 'fused',
  webgpu: 'decomposed',
  coreml: 'decomposed',
  dml: 'decomposed',
  cpu: 'fused',
};
const CUDA_LIBRARY: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'libonnxruntime_providers_cuda.so',
  win32: 'onnxruntime_providers_cuda.dll',
};

/** The target of graphs on a provider. */
export function targetOf(provider: Provider, precision: 'fp16' | 'fp32'): GraphTarget {
  return { precision, attention: ATTENTION[provider], attentionBytes: ATTENTION_BYTES[provider] };
}

/**
 * Tries every provider but the processor with a small network, the best first, and says of each whether it can render.
 * One whose driver kills the process is left out the next time: `onTry` is called before each try, and `skipped` holds
 * those.
 */
export async function probeProviders(options: {
  threads: number | null;
  skipped: ReadonlyMap<Provider, string>;
  onTry?: (provider: Provider) => void;
  /** Stops at the first that can render. */
  first?: boolean;
}): Promise<ProviderState[]> {
  const { threads, skipped, onTry, first = false } = options;
  const reference: Reference = {
    small: await runSelfTest(referenceDevice(threads), 'small', null),
    large: await runSelfTest(referenceDevice(threads), 'large', null),
  };
  const states: ProviderState[] = [];
  for (const provider of PROVIDERS) {
    if (provider === 'cpu') {
      states.push({ provider, reason: null, precision: 'fp32', speed: 1 });
      continue;
    }
    const missing = skipped.get(provider) ?? whyMissing(provider);
    if (missing !== null) {
      states.push({ provider, reason: missing, precision: 'fp32', speed: null });
      continue;
    }
    onTry?.(provider);
    const state = await tryProvider(provider, threads, reference);
    states.push(state);
    if (first && state.reason === null) break;
  }
  return states;
}

/**
 * The best provider, or the one that is asked for; by `known`, where all were tried before. Throws RenderError
 * `bad_request` where that one cannot render.
 */
export async function chooseDevice(
  wanted: Provider | 'auto',
  {
    known,
    ...options
  }: Omit<Parameters<typeof probeProviders>[0], 'first'> & { known: readonly ProviderState[] | null },
): Promise<ChosenDevice> {
  const { threads, skipped } = options;
  if (wanted === 'cpu')
    return { provider: 'cpu', threads, target: targetOf('cpu', 'fp32'), ...nameOf('cpu'), rejected: [] };
  const states =
    known?.map((state) => ({ ...state, reason: skipped.get(state.provider) ?? state.reason })) ??
    (await probeProviders({ ...options, first: wanted === 'auto' }));
  const rejected = states.flatMap(({ provider, reason }) => (reason === null ? [] : [{ provider, reason }]));
  const found =
    wanted === 'auto'
      ? states.find(({ reason }) => reason === null)
      : states.find(({ provider, reason, speed }) => provider === wanted && (reason === null || speed !== null));
  if (found === undefined) {
    const reason = rejected.find(({ provider }) => provider === wanted)?.reason ?? 'not found';
    throw new RenderError('bad_request', `${wanted} is not available on this machine: ${reason}.`);
  }
  const { provider, precision } = found;
  return { provider, threads, target: targetOf(provider, precision), ...nameOf(provider), rejected };
}

/** What the processor makes of the test networks. */
type Reference = Readonly<Record<TestSize, SelfTest & { result: Float32Array }>>;

/** A driver in software, such as llvmpipe, shows in the small network already: a GPU is done in milliseconds. */
const SLOW_SECONDS = 0.5;

async function tryProvider(provider: Provider, threads: number | null, reference: Reference): Promise<ProviderState> {
  let reason = 'it returned no result';
  for (const precision of ['fp16', 'fp32'] as const) {
    try {
      const device = { provider, threads, target: targetOf(provider, precision) };
      let size: TestSize = 'small';
      let test = await runSelfTest(device, size, reference[size].result);
      if (isGoodEnough(test, precision) && test.seconds < SLOW_SECONDS) {
        size = 'large';
        test = await runSelfTest(device, size, reference[size].result);
      }
      if (!isGoodEnough(test, precision)) {
        reason = `the test result differs by ${(test.error * 100).toPrecision(2)} %`;
        continue;
      }
      const speed = reference[size].seconds / test.seconds;
      // It can render when it is asked for, and nobody would want to wait for it otherwise.
      const slow = `it is ${Math.round(1 / speed)} times slower than the CPU`;
      return { provider, precision, speed, reason: speed < 1 ? slow : null };
    } catch (error) {
      reason =
        error instanceof Error
          ? `it does not start (${shorten((error.cause as Error | undefined)?.message ?? error.message)})`
          : reason;
    }
  }
  return { provider, precision: 'fp32', speed: null, reason };
}

function whyMissing(provider: Provider): string | null {
  if (provider === 'coreml' && process.platform !== 'darwin') return 'it requires macOS';
  if (provider === 'dml' && process.platform !== 'win32') return 'it requires Windows';
  if (!listSupportedBackends().some(({ name }) => name === provider)) {
    return `it is not supported on ${process.platform} ${process.arch}`;
  }
  const library = provider === 'cuda' ? CUDA_LIBRARY[process.platform] : undefined;
  if (library !== undefined && !existsSync(join(libraryFolder(), library))) {
    return `its library ${library} is not installed (run ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install to install it; CUDA 12 and cuDNN 9 are also required)`;
  }
  return null;
}

/** Where the engine's native libraries lie. */
function libraryFolder(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

function nameOf(provider: Provider): { name: string } {
  return { name: provider === 'cpu' ? (cpus()[0]?.model.trim() ?? 'processor') : `GPU (${provider})` };
}

/** What ONNX Runtime says, without the place in its own source and the check that it begins with. */
function shorten(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/^\S+\.cc:\d+ .*?(?:was false\.|\)) (?=[A-Z])/, '')
    .trim()
    .slice(0, 160);
}
