import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { Graph } from '#lib/comfyui/index.ts';
import { type ComfyNode, NodeError, type Value } from './comfyui-nodes.ts';

/** What goes wrong at a node of the given class. */
export type Fault =
  | { kind: 'error'; node: string; type: string; message: string }
  /** Sends nothing more and does not end until it is interrupted; `atStep` of the sampler. */
  | { kind: 'hang'; node: string; atStep?: number }
  /** Cuts all sockets, and goes on; after one step that nobody hears of it waits until the client is back. */
  | { kind: 'cut-sockets'; node: string; atStep?: number }
  /** The picture is black all over, as when numbers overflow. */
  | { kind: 'black'; node: 'VAEDecode' };

export interface Execution {
  graph: Graph;
  nodes: Record<string, ComfyNode>;
  fault: Fault | undefined;
  stepMs: number;
  /** Outputs of the last workflow by what made them: what is there is not made again. */
  cache: Map<string, Value[]>;
  send(type: string, data: Record<string, unknown>): void;
  sendPreview(): void;
  cutSockets(): void;
  hasSocket(): boolean;
  isInterrupted(): boolean;
  /** Keeps a picture; returns how `GET /view` will ask for it. */
  keep(png: Buffer, recipe: Value): { filename: string; subfolder: string; type: string };
}

export class Interrupted extends Error {}

/** Where an execution stopped, and why. */
export class Failed extends Error {
  readonly node: string;
  override readonly cause: Error;

  constructor(node: string, cause: Error) {
    super(cause.message);
    this.node = node;
    this.cause = cause;
  }
}

/** Runs a workflow node by node, each after those it depends on, with ComfyUI's messages. Returns `outputs` of history. */
export async function execute(execution: Execution): Promise<Record<string, unknown>> {
  const { graph, nodes, send } = execution;
  const made = new Map<string, Value[]>();
  const signatures = new Map<string, string>();
  const outputs: Record<string, unknown> = {};
  for (const id of inOrder(graph)) signatures.set(id, sign(graph, id, signatures));
  const cached = Object.keys(graph).filter((id) => execution.cache.has(signatures.get(id)!));
  send('execution_cached', { nodes: cached });

  for (const id of inOrder(graph)) {
    const { class_type, inputs } = graph[id]!;
    const node = nodes[class_type]!;
    const kept = execution.cache.get(signatures.get(id)!);
    if (kept && !node.isOutput) {
      made.set(id, kept);
      continue;
    }
    send('executing', { node: id, display_node: id });
    try {
      const values = Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [
          name,
          Array.isArray(value) ? made.get(value[0])![value[1]] : value,
        ]),
      );
      await injectFault(execution, class_type, undefined);
      if (class_type === 'KSampler') await stepThrough(execution, id, Number(values.steps));
      if (execution.isInterrupted()) throw new Interrupted();
      if (node.isOutput) {
        const recipe = values.images as Value;
        const image = execution.keep(await drawPicture(recipe, execution.fault?.kind === 'black'), recipe);
        outputs[id] = { images: [image] };
        send('executed', { node: id, display_node: id, output: outputs[id] });
      } else made.set(id, node.run(values));
    } catch (error) {
      throw new Failed(id, error as Error);
    }
  }
  execution.cache.clear();
  for (const [id, values] of made) execution.cache.set(signatures.get(id)!, values);
  return outputs;
}

async function stepThrough(execution: Execution, node: string, steps: number): Promise<void> {
  for (let value = 1; value <= steps; value += 1) {
    await sleep(execution.stepMs);
    if (execution.isInterrupted()) throw new Interrupted();
    await injectFault(execution, 'KSampler', value);
    execution.send('progress', { value, max: steps, node });
    execution.sendPreview();
    const isCut = execution.fault?.kind === 'cut-sockets' && value >= (execution.fault.atStep ?? 0);
    while (isCut && !execution.hasSocket() && !execution.isInterrupted()) await sleep(5);
  }
}

async function injectFault(execution: Execution, classType: string, step: number | undefined): Promise<void> {
  const { fault } = execution;
  if (fault?.node !== classType || ('atStep' in fault ? fault.atStep : undefined) !== step) return;
  if (fault.kind === 'error') throw new NodeError(fault.type, fault.message);
  if (fault.kind === 'cut-sockets') execution.cutSockets();
  if (fault.kind === 'hang') {
    while (!execution.isInterrupted()) await sleep(10);
    throw new Interrupted();
  }
}

/** A real PNG whose colours follow from everything that went into it. */
async function drawPicture(recipe: Value, isBlack: boolean): Promise<Buffer> {
  const { width, height } = recipe.latent_image as { width: number; height: number };
  const tile = Array.from({ length: 24 }, (_, index) => digest(`${index}:${stable(recipe)}`)).flatMap((one) => [
    ...one,
  ]);
  const pixels = Buffer.alloc(width * height * 3);
  if (!isBlack) for (let at = 0; at < pixels.length; at += 1) pixels[at] = tile[at % tile.length]!;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** Ids, each behind those it takes inputs from. */
function inOrder(graph: Graph): string[] {
  const order: string[] = [];
  const visit = (id: string) => {
    if (order.includes(id)) return;
    for (const value of Object.values(graph[id]!.inputs)) if (Array.isArray(value)) visit(value[0]);
    order.push(id);
  };
  Object.keys(graph).forEach(visit);
  return order;
}

function sign(graph: Graph, id: string, signatures: Map<string, string>): string {
  const { class_type, inputs } = graph[id]!;
  const known = Object.entries(inputs).map(([name, value]) => [
    name,
    Array.isArray(value) ? [signatures.get(value[0]), value[1]] : value,
  ]);
  return digest(JSON.stringify([class_type, known])).toString('hex');
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
