import { randomUUID } from 'node:crypto';
import { type Provider, RenderError, type RenderEvent, type Renderer, type RenderReport } from '../render/index.ts';
import { type ComfyAddress, readAddress } from './address.ts';
import { type ComfyMachine, findMissingNodes, readMachine } from './check.ts';
import { type Family, familyOf } from './families.ts';
import { fetchPicture } from './picture.ts';
import { startProgress } from './progress.ts';
import { provideFiles } from './request-files.ts';
import { type PromptRun, runPrompt } from './run-prompt.ts';
import { type ComfyMessage, openSocket } from './socket.ts';
import { type ComfyLimits, type ComfyOptions, type ComfyRequest, DEFAULT_COMFY_LIMITS } from './types.ts';
import { buildWorkflow, type Workflow } from './workflow.ts';

/** Renders on a ComfyUI server. */
export interface ComfyRenderer extends Renderer {
  render(
    request: ComfyRequest,
    options?: { onEvent?: (event: RenderEvent) => void; signal?: AbortSignal },
  ): Promise<RenderReport>;
}

/** Torch's kinds of devices among those of the engine; it runs nowhere else than ComfyUI does. */
const PROVIDERS: Record<string, Provider> = { cuda: 'cuda', mps: 'coreml', privateuseone: 'dml', cpu: 'cpu' };

/**
 * A renderer that renders on a ComfyUI server, one picture after the other. Nothing is asked before the first request.
 * Throws RenderError `bad_request` where the address is none.
 */
export function openComfyRenderer(options: ComfyOptions): ComfyRenderer {
  const address = readAddress(options.address);
  const limits = { ...DEFAULT_COMFY_LIMITS, ...options.limits };
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    async render(request, { onEvent, signal } = {}) {
      const ends = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])]);
      const work = renderRequest(address, options, limits, request, ends, onEvent).catch((error: unknown) => {
        throw ends.aborted ? new RenderError('cancelled', 'Rendering was cancelled.') : error;
      });
      running.add(work);
      return work.finally(() => running.delete(work));
    },
    async close() {
      closing.abort();
      await Promise.allSettled(running);
    },
  };
}

async function renderRequest(
  address: ComfyAddress,
  options: ComfyOptions,
  limits: ComfyLimits,
  request: ComfyRequest,
  signal: AbortSignal,
  onEvent: ((event: RenderEvent) => void) | undefined,
): Promise<RenderReport> {
  signal.throwIfAborted();
  const family = familyOf(request.base);
  if (family === null)
    throw new RenderError(
      'unsupported_architecture',
      `Weighhouse has no ComfyUI workflow for the base model ${request.base}.`,
    );
  const machine = await readMachine(address, limits.answer);
  const { files, notes, release } = await provideFiles(address, options, limits, family, request, signal);
  try {
    const workflows = request.tiles.map((tile) => buildWorkflow(request.base, request, tile, files));
    await checkNodes(address, machine, workflows, family, limits);
    const progress = startProgress(onEvent);
    let peakMemory = machine.held ?? 0;
    const session = openRenderSession(address, limits, signal);
    try {
      if (!(await session.opened)) notes.push('The ComfyUI WebSocket cannot be reached, so there is no step progress.');
      for (const [tile, workflow] of workflows.entries()) {
        const [image] = await session.renderTile(workflow, progress.of(tile, workflow));
        const picture = await fetchPicture(address, image!, limits.answer, signal);
        onEvent?.({ kind: 'tile', tile, picture });
      }
      const after = await readMachine(address, limits.answer).catch(() => null);
      peakMemory = Math.max(peakMemory, after?.held ?? 0);
    } finally {
      session.close();
    }
    const provider = PROVIDERS[machine.deviceType];
    if (provider === undefined) notes.push(`The torch device type is ${machine.deviceType}.`);
    return {
      engine: `ComfyUI ${machine.version}`,
      provider: provider ?? 'webgpu',
      device: machine.device,
      rejected: [],
      precision: machine.deviceType === 'cpu' ? 'fp32' : 'fp16',
      ...progress.times(),
      peakMemory,
      notes,
    };
  } finally {
    await release();
  }
}

/** One socket for all pictures of a request. */
function openRenderSession(address: ComfyAddress, limits: ComfyLimits, signal: AbortSignal) {
  const clientId = randomUUID();
  let current: PromptRun | undefined;
  const socket = openSocket(address, clientId, {
    onMessage: (message) => current?.handleMessage(message),
    onGap: () => current?.pollNow(),
  });
  return {
    opened: socket.opened,
    close: socket.close,
    async renderTile({ graph, picture }: Workflow, onMessage: (message: ComfyMessage) => void) {
      current = runPrompt({ address, clientId, graph, picture, limits, onMessage, signal });
      return current.finish();
    },
  };
}

async function checkNodes(
  address: ComfyAddress,
  machine: ComfyMachine,
  workflows: readonly Workflow[],
  family: Family,
  limits: ComfyLimits,
): Promise<void> {
  const nodes = new Set(workflows.flatMap(({ graph }) => Object.values(graph).map((node) => node.class_type)));
  const missing = await findMissingNodes(address, [...nodes], limits.answer);
  if (missing.length > 0)
    throw new RenderError(
      'unsupported_architecture',
      `ComfyUI ${machine.version} at ${address.shown} cannot render ${family.title}. Missing: ${missing.join(', ')}. Update ComfyUI.`,
    );
}
