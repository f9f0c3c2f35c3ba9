import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphTarget } from '#lib/render/onnx/index.ts';
import { LoraFolder } from '../../fixtures/render/lora-cases.ts';
import { relativeError, runGraph } from '../onnx-session.ts';
import type { CaseResult, GraphCase } from './graph-case.ts';
import { listLoraCases } from './lora-cases.ts';
import { listNetworkCases } from './network-cases.ts';
import { listOperatorCases } from './operator-cases.ts';

/**
 * A process of its own, because a driver may take it down: runs every graph on the cpu and on the GPU, and writes a line of
 * JSON about each, a `CaseResult`.
 */

/** As graphs are built for WebGPU where there are no shaders in half precision; attention in several parts. */
const TARGET: GraphTarget = {
  precision: 'fp32',
  attention: 'decomposed',
  attentionBytes: 50_000,
};

async function compare({ name, make }: GraphCase): Promise<CaseResult> {
  try {
    const { graph, inputs } = make();
    const expected = await runGraph(graph, inputs, 'cpu');
    const start = performance.now();
    const results = await runGraph(graph, inputs, 'webgpu');
    const seconds = (performance.now() - start) / 1000;
    const errors = Object.entries(expected).map(([key, numbers]) => relativeError(results[key] ?? [], numbers));
    return { name, error: Math.max(...errors), seconds };
  } catch (error) {
    return { name, error: Number.POSITIVE_INFINITY, seconds: 0, failure: String(error) };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'weighhouse-webgpu-'));
using loras = new LoraFolder();
try {
  const layers = await listLoraCases(loras, TARGET);
  for (const item of [...listOperatorCases(folder, TARGET), ...layers, ...listNetworkCases(folder, TARGET)]) {
    console.log(JSON.stringify(await compare(item)));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
