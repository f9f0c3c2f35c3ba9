import { attention, GraphBuilder, silu } from '../onnx/index.ts';
import type { Provider } from '../types.ts';
import { type Device, openSession, type SessionInput } from './session.ts';

/** More than 64 queries: a fault of one provider showed from there on. */
const POSITIONS = 256;
const HEADS = 8;
/** The small network is for numbers, the large one for speed: a driver in software needs half a minute for that. */
const WIDTHS = { small: 64, large: 512 } as const;
const RUNS = { small: 2, large: 4 } as const;

export type TestSize = keyof typeof WIDTHS;

export interface SelfTest {
  /** Of the results: √(Σ(a − b)² / Σb²) against the processor's. */
  error: number;
  /** Of the fastest of a few runs. */
  seconds: number;
}

/** Numbers of a small network of what diffusion models are made of, on one provider. Throws RenderError where it cannot run. */
export async function runSelfTest(
  device: Device,
  size: TestSize,
  expected: Float32Array | null,
): Promise<SelfTest & { result: Float32Array }> {
  const session = await openSession(buildTestGraph(device, WIDTHS[size]), device);
  try {
    const inputs = testInputs(WIDTHS[size]);
    let result: Float32Array = new Float32Array(0);
    let seconds = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS[size]; run += 1) {
      const start = performance.now();
      result = (await session.run(inputs)).result ?? result;
      seconds = Math.min(seconds, (performance.now() - start) / 1000);
    }
    return { result, seconds, error: expected === null ? 0 : relativeError(result, expected) };
  } finally {
    await session.release();
  }
}

/** How far off a provider may be: half precision keeps three digits. */
export function isGoodEnough({ error }: SelfTest, precision: 'fp16' | 'fp32'): boolean {
  return error <= (precision === 'fp16' ? 2e-2 : 1e-3);
}

/** The test on the processor, which the others are measured by. */
export function referenceDevice(threads: number | null): Device & { provider: Provider } {
  return { provider: 'cpu', threads, target: { precision: 'fp32', attention: 'fused', attentionBytes: 1e9 } };
}

function buildTestGraph({ target }: Device, width: number) {
  const graph = new GraphBuilder(target);
  const inner = (name: string, shape: readonly number[]) => graph.cast(graph.input(name, 'F32', shape), graph.type);
  const x = inner('x', [1, POSITIONS, width]);
  const [q, k, v, out] = ['q', 'k', 'v', 'out'].map((name) => inner(name, [width, width]));
  const shape = { batch: 1, queries: POSITIONS, keys: POSITIONS, heads: HEADS, headSize: width / HEADS };
  const seen = attention(
    graph,
    {
      q: graph.op('MatMul', [x, q ?? '']),
      k: graph.op('MatMul', [x, k ?? '']),
      v: graph.op('MatMul', [x, v ?? '']),
    },
    shape,
  );
  const mixed = silu(graph, graph.op('MatMul', [seen, out ?? '']));
  const picture = graph.reshape(graph.transpose(mixed, [0, 2, 1]), [1, width, 16, 16]);
  const kernel = inner('kernel', [width, width, 3, 3]);
  const convolved = graph.op('Conv', [picture, kernel], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  graph.output('result', graph.cast(convolved, 'F32'), 'F32', [1, width, 16, 16]);
  return graph.build();
}

function testInputs(width: number): Record<string, SessionInput> {
  const waves = (count: number, size: number, phase: number) =>
    Float32Array.from({ length: count }, (_, index) => size * Math.sin(index * 0.7 + phase + (index % 31)));
  const matrix = (phase: number): SessionInput => ({
    type: 'F32',
    data: waves(width * width, 1.4 / Math.sqrt(width), phase),
    shape: [width, width],
  });
  return {
    x: { type: 'F32', data: waves(POSITIONS * width, 1, 0), shape: [1, POSITIONS, width] },
    q: matrix(1),
    k: matrix(2),
    v: matrix(3),
    out: matrix(4),
    kernel: {
      type: 'F32',
      data: waves(width * width * 9, 1.4 / Math.sqrt(width * 9), 5),
      shape: [width, width, 3, 3],
    },
  };
}

function relativeError(numbers: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let size = 0;
  for (const [index, want] of expected.entries()) {
    difference += ((numbers[index] ?? Number.NaN) - want) ** 2;
    size += want ** 2;
  }
  const error = Math.sqrt(difference / size);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
