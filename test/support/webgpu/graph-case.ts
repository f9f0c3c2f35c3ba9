import type { BuiltGraph } from '#lib/render/onnx/index.ts';
import type { GraphInput } from '../onnx-session.ts';

/** A graph that is run on two providers, and what it is given. */
export interface GraphCase {
  name: string;
  make: () => { graph: BuiltGraph; inputs: Record<string, GraphInput> };
}

/** What became of one. */
export interface CaseResult {
  name: string;
  /** The largest of its results' relative errors. */
  error: number;
  /** What the GPU needed, its shaders' translation counted in. */
  seconds: number;
  /** Why it did not run. */
  failure?: string;
}
