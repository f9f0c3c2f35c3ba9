import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BuiltGraph, GraphTarget } from '../onnx/index.ts';
import type { Provider } from '../types.ts';
import { explainFailure } from './failures.ts';

/** What a graph is given: numbers with their shape, or one number. */
export type SessionInput =
  | number
  | {
      type: 'F32' | 'I32' | 'I64';
      data: Float32Array | Int32Array | BigInt64Array;
      shape: readonly number[];
    };

/** A graph that is loaded and can run. */
export interface Session {
  /** The results by name. Throws RenderError. */
  run(inputs: Readonly<Record<string, SessionInput>>): Promise<Record<string, Float32Array>>;
  /** Gives its memory back. */
  release(): Promise<void>;
}

/** What a session runs on. */
export interface Device {
  provider: Provider;
  target: GraphTarget;
  /** Threads of the CPU; null for all cores. */
  threads: number | null;
  /**
   * `stored` leaves weights in their file and casts each just before its layer, at every run: about a tenth slower, for
   * less than half the memory. `widened`, which is meant unless said, casts all of them once.
   */
  weights?: 'widened' | 'stored';
}

const TENSOR_TYPES = { F32: 'float32', I32: 'int32', I64: 'int64' } as const;

/** Loads a graph. Throws RenderError `out_of_memory` where there is too little memory, `crash` for what else the library says. */
export async function openSession(
  { model, folder }: BuiltGraph,
  { provider, threads, weights = 'widened' }: Device,
): Promise<Session> {
  const isWidened = weights === 'widened';
  const session = await InferenceSession.create(model, {
    executionProviders: [provider],
    // Higher levels cost more time and memory at loading than they save in a preview's few steps.
    graphOptimizationLevel: isWidened ? 'basic' : 'disabled',
    enableCpuMemArena: isWidened,
    // Planned memory is never given back, and shapes are known: nothing is gained.
    enableMemPattern: false,
    ...(threads === null ? {} : { intraOpNumThreads: threads }),
    logSeverityLevel: 3,
    extra: { session: { model_external_initializers_file_folder_path: folder } },
  }).catch((error: unknown) => {
    throw explainFailure(error);
  });

  return {
    async run(inputs) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)]));
      try {
        const results = await session.run(feeds);
        // Copies: what the library hands out is its own memory.
        return Object.fromEntries(
          Object.entries(results).map(([name, { data }]) => [name, Float32Array.from(data as Float32Array)]),
        );
      } catch (error) {
        throw explainFailure(error);
      }
    },
    release: () => session.release(),
  };
}

function tensorOf(input: SessionInput): Tensor {
  if (typeof input === 'number') return new Tensor('float32', Float32Array.of(input), [1]);
  return new Tensor(TENSOR_TYPES[input.type], input.data as Float32Array, input.shape);
}
