import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BuiltGraph } from '#lib/render/onnx/index.ts';

/** What a graph is given: `shape` as the graph was built for. */
export type GraphInput =
  | { type: 'float32'; data: Float32Array; shape: readonly number[] }
  | { type: 'int64'; data: BigInt64Array; shape: readonly number[] }
  | { type: 'int32'; data: Int32Array; shape: readonly number[] }
  | { type: 'float16'; data: Float16Array; shape: readonly number[] };

/**
 * Runs a graph once and answers its results by name; those in half precision are widened. On another provider than the
 * cpu it throws where any node of the graph would run on the cpu.
 */
export async function runGraph(
  built: BuiltGraph,
  inputs: Readonly<Record<string, GraphInput>>,
  provider: 'cpu' | 'webgpu' = 'cpu',
): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(built.model, {
    executionProviders: [provider],
    graphOptimizationLevel: 'basic',
    enableMemPattern: false,
    extra: {
      session: {
        model_external_initializers_file_folder_path: built.folder,
        disable_cpu_ep_fallback: provider === 'cpu' ? '0' : '1',
      },
    },
  });
  try {
    const feeds = Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)] as const);
    const results = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, widened(name, value.data)]));
  } finally {
    await session.release();
  }
}

function tensorOf(input: GraphInput): Tensor {
  switch (input.type) {
    case 'float32':
      return new Tensor('float32', input.data, input.shape);
    case 'int64':
      return new Tensor('int64', input.data, input.shape);
    case 'int32':
      return new Tensor('int32', input.data, input.shape);
    case 'float16':
      return new Tensor(
        'float16',
        new Uint16Array(input.data.buffer, input.data.byteOffset, input.data.length),
        input.shape,
      );
  }
}

/** A copy: what a session answers is freed with it. */
function widened(name: string, data: Tensor['data']): Float32Array {
  if (data instanceof Float32Array || data instanceof Float16Array) return Float32Array.from(data);
  if (data instanceof Uint16Array)
    return Float32Array.from(new Float16Array(data.buffer, data.byteOffset, data.length));
  throw new Error(`The result "${name}" holds no floating-point numbers.`);
}

/** ‖actual − expected‖ ÷ ‖expected‖; infinite where they are not as long, or a number is none. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index += 1) {
    const wanted = expected[index] ?? Number.NaN;
    difference += ((actual[index] ?? Number.NaN) - wanted) ** 2;
    size += wanted ** 2;
  }
  const error = Math.sqrt(difference / size);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
