import { randomUUID } from 'node:crypto';
import { RenderError } from '../render/index.ts';
import type { ComfyAddress } from './address.ts';
import { executionError, refusal } from './errors.ts';
import { ask, describeStatus, parseJson } from './http.ts';
import { isRecord } from './object-info.ts';
import { cancelPrompt, findPrompt, type PromptStatus } from './queue.ts';
import type { ComfyMessage } from './socket.ts';
import type { ComfyLimits, Graph } from './types.ts';

/** A picture that a node has, as `GET /view` asks for it. */
export interface ImageRef {
  filename: string;
  subfolder: string;
  type: string;
}

export interface PromptRun {
  /** Takes a message of the socket: those of other prompts are passed over. */
  handleMessage(message: ComfyMessage): void;
  /** Asks for the state at once: the socket may have missed something. */
  pollNow(): void;
  /** Submits the workflow and waits for its pictures. Throws RenderError. */
  finish(): Promise<ImageRef[]>;
}

interface PromptOptions {
  address: ComfyAddress;
  clientId: string;
  graph: Graph;
  /** Node whose pictures count. */
  picture: string;
  limits: ComfyLimits;
  /** Called for each message of this prompt. */
  onMessage?: (message: ComfyMessage) => void;
  signal?: AbortSignal;
}

/** Asking goes on in parallel with the socket, which may be cut off without a word. */
const POLL_EVERY = 2000;
/** History has an end a moment after the socket reports it. */
const POLL_AFTER_END = 100;
/** Once in a row, a prompt can be on its way from the queue to history. */
const TIMES_UNKNOWN = 3;
const ENDS = new Set(['execution_success', 'execution_error', 'execution_interrupted']);

/** Runs one workflow. What counts at the end is the server's history: it survives a broken socket. */
export function runPrompt(options: PromptOptions): PromptRun {
  const { address, clientId, graph, picture, limits, onMessage, signal } = options;
  // Servers since 2025 take the id from here; older ones answer with one of their own.
  let promptId: string = randomUUID();
  let isKnown = false;
  const earlyMessages: ComfyMessage[] = [];
  let failure: RenderError | undefined;
  let hasEnded = false;
  let lastActivity = Date.now();
  let wake = Promise.withResolvers<void>();

  const handleMessage = (message: ComfyMessage) => {
    if (!isKnown) {
      earlyMessages.push(message);
      return;
    }
    const { type, data } = message;
    if (data.prompt_id !== promptId) return;
    lastActivity = Date.now();
    if (type === 'execution_error') failure = executionError(data);
    if (ENDS.has(type) || (type === 'executing' && data.node === null)) {
      hasEnded = true;
      wake.resolve();
    }
    onMessage?.(message);
  };

  const submit = async () => {
    const body = { prompt: graph, client_id: clientId, prompt_id: promptId };
    const asked = ask(address, 'prompt', { method: 'POST', body, seconds: limits.answer });
    const { status, bytes } = await asked.catch(async (error: unknown) => {
      // It may have arrived all the same.
      await cancelPrompt(address, promptId, limits.answer).catch(() => undefined);
      throw error;
    });
    const answer = status === 200 || status === 400 ? parseJson(address, 'prompt', bytes) : null;
    if (status === 400) throw refusal(answer);
    if (!isRecord(answer) || typeof answer.prompt_id !== 'string')
      throw new RenderError('bad_request', describeStatus(address, 'prompt', status));
    // Part of a workflow can be valid; a picture from that part would be of something else.
    if (isRecord(answer.node_errors) && Object.keys(answer.node_errors).length > 0) {
      await cancelPrompt(address, answer.prompt_id, limits.answer);
      throw refusal(answer);
    }
    promptId = answer.prompt_id;
    isKnown = true;
    earlyMessages.splice(0).forEach(handleMessage);
  };

  const watch = async (): Promise<ImageRef[]> => {
    const queuedAt = Date.now();
    let reachedAt = Date.now();
    let unknown = 0;
    for (;;) {
      if (signal?.aborted) throw new RenderError('cancelled', 'Rendering was cancelled.');
      const status = await findPrompt(address, promptId, limits.answer).catch((error: unknown) => {
        const isGone = error instanceof RenderError && error.code === 'device_lost';
        if (!isGone || Date.now() - reachedAt > limits.unreachable * 1000) throw error;
        return null;
      });
      if (status) reachedAt = Date.now();
      if (status?.kind === 'done') return readEnd(status.entry, picture, failure);
      unknown = status?.kind === 'unknown' ? unknown + 1 : 0;
      if (unknown >= TIMES_UNKNOWN)
        throw (
          failure ?? new RenderError('crash', 'ComfyUI lost the image: it was restarted, or its queue was cleared.')
        );
      if (status) checkWaiting(status, limits, queuedAt, lastActivity);
      if (status?.kind === 'pending') lastActivity = Date.now();
      const isSoon = hasEnded || unknown > 0 || status === null;
      const pause = isSoon ? POLL_AFTER_END * (unknown > 0 ? 3 : 1) : POLL_EVERY;
      const timer = setTimeout(() => wake.resolve(), pause);
      await wake.promise;
      clearTimeout(timer);
      wake = Promise.withResolvers();
    }
  };

  return {
    handleMessage,
    pollNow: () => wake.resolve(),
    async finish() {
      const onAbort = () => wake.resolve();
      signal?.addEventListener('abort', onAbort);
      try {
        signal?.throwIfAborted();
        await submit();
        return await watch();
      } catch (error) {
        const known = signal?.aborted ? new RenderError('cancelled', 'Rendering was cancelled.') : error;
        // Nobody waits for it any more; a server that is gone cannot be told.
        if (isKnown && !failure && !hasEnded)
          await cancelPrompt(address, promptId, limits.answer).catch(() => undefined);
        throw known;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}

function checkWaiting(status: PromptStatus, limits: ComfyLimits, queuedAt: number, lastActivity: number): void {
  if (status.kind === 'pending' && Date.now() - queuedAt > limits.queue * 1000)
    throw new RenderError(
      'time_limit',
      `The image waited ${limits.queue} seconds in the ComfyUI queue; ${status.ahead} others are still ahead of it.`,
    );
  if (status.kind === 'running' && Date.now() - lastActivity > limits.silence * 1000)
    throw new RenderError('time_limit', `ComfyUI reported no progress for ${limits.silence} seconds.`);
}

/** Pictures, or why there are none. `status.messages` is what the socket sent: `[type, data]` each. */
function readEnd(entry: Record<string, unknown>, picture: string, failure: RenderError | undefined): ImageRef[] {
  if (failure) throw failure;
  const { status_str: word, messages } = isRecord(entry.status) ? entry.status : {};
  for (const [type, data] of (Array.isArray(messages) ? messages : []).filter(Array.isArray)) {
    if (type === 'execution_error') throw executionError(data);
    if (type === 'execution_interrupted') throw new RenderError('cancelled', 'Rendering was interrupted in ComfyUI.');
  }
  if (word === 'error')
    throw new RenderError('crash', 'ComfyUI failed without a reason. See the ComfyUI log for the cause.');
  const outputs = isRecord(entry.outputs) ? entry.outputs[picture] : undefined;
  const images = isRecord(outputs) && Array.isArray(outputs.images) ? outputs.images.filter(isImageRef) : [];
  if (images.length === 0)
    throw new RenderError('crash', 'ComfyUI returned no image. See the ComfyUI log for the cause.');
  return images;
}

function isImageRef(value: unknown): value is ImageRef {
  return isRecord(value) && ['filename', 'subfolder', 'type'].every((name) => typeof value[name] === 'string');
}
