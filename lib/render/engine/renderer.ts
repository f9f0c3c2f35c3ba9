import { ProcessEnd } from '#lib/process/index.ts';
import {
  type EngineOptions,
  type Provider,
  RenderError,
  type Renderer,
  type RenderReport,
  type RenderRequest,
} from '../types.ts';
import type { ProviderState } from './choose-provider.ts';
import { EngineProcess, type EngineProgram, type LastAnswer } from './engine-process.ts';
import type { EngineAnswer } from './messages.ts';

/** Renders on this machine. */
export interface EngineRenderer extends Renderer {
  /** What each provider can do here, the best first. Tried once. */
  probe(): Promise<readonly ProviderState[]>;
}

export const ENGINE_DEFAULTS: EngineOptions = { provider: 'auto', memoryLimit: null, threads: null };

/**
 * The engine in a process of its own. A provider that fails is left for the next best one; a crash of the native library
 * or a lost device fails the request with its cause and nothing else; what needs too much memory is tried once more,
 * smaller. The process keeps the last checkpoint loaded until `close`.
 */
export function openRenderer(options: Partial<EngineOptions> = {}, program: EngineProgram = {}): EngineRenderer {
  const settings = { ...ENGINE_DEFAULTS, ...options };
  const engine = new EngineProcess(program);
  const skipped = new Map<Provider, string>();
  let probed: Promise<readonly ProviderState[]> | undefined;

  async function probe(): Promise<readonly ProviderState[]> {
    for (;;) {
      let trying: Provider | null = null;
      const answer = await engine.run(
        { kind: 'probe', options: settings, skipped: [...skipped] },
        {
          onAnswer: (answer) => {
            if (answer.kind === 'trying') trying = answer.provider;
          },
        },
      );
      if (!(answer instanceof ProcessEnd) && answer.kind === 'states') return answer.states;
      if (trying === null || skipped.has(trying)) throw errorOf(answer);
      skipped.set(trying, reasonOf(answer));
    }
  }

  async function render(
    request: RenderRequest,
    { onEvent, signal }: Parameters<Renderer['render']>[1] = {},
  ): Promise<RenderReport> {
    const notes: string[] = [];
    let frugal = false;
    for (;;) {
      let current: Provider | null = null;
      let begun = false;
      const onAnswer = (answer: EngineAnswer) => {
        if (answer.kind === 'trying') current = answer.provider;
        if (answer.kind === 'chosen') [current, begun] = [answer.provider, true];
        if (answer.kind === 'event') onEvent?.(answer.event);
      };
      const answer = await engine.run(
        { kind: 'render', request, options: settings, skipped: [...skipped], frugal },
        { onAnswer, signal },
      );
      if (!(answer instanceof ProcessEnd) && answer.kind === 'done')
        return { ...answer.report, notes: [...notes, ...answer.report.notes] };

      const error = errorOf(answer);
      if (error.code === 'out_of_memory' && !frugal) {
        frugal = true;
        notes.push('Not enough memory at first, so the image was rendered with less memory.');
        continue;
      }
      const failed: Provider | null = current;
      const mayFallBack =
        failed !== null &&
        failed !== 'cpu' &&
        settings.provider === 'auto' &&
        (error.code === 'crash' || error.code === 'device_lost' || (!begun && error.code !== 'cancelled'));
      if (!mayFallBack || skipped.has(failed)) throw error;
      skipped.set(failed, reasonOf(answer));
      notes.push(`Rendering on ${failed} failed first: ${reasonOf(answer)}.`);
    }
  }

  return {
    render,
    probe() {
      probed ??= probe();
      return probed;
    },
    close: () => engine.close(),
  };
}

function errorOf(answer: LastAnswer | ProcessEnd): RenderError {
  if (answer instanceof ProcessEnd) return errorOfEnd(answer);
  if (answer.kind === 'failed') return new RenderError(answer.code, answer.message);
  return new RenderError('crash', 'The renderer returned an unexpected answer.');
}

function errorOfEnd({ cause, signal, how, log }: ProcessEnd): RenderError {
  const options = log === '' ? {} : { cause: new Error(log) };
  switch (cause) {
    case 'cancelled':
    case 'stopped':
      return new RenderError('cancelled', 'Rendering was cancelled.');
    case 'time':
      return new RenderError('time_limit', 'The renderer made no progress for half an hour and was stopped.', options);
    case 'memory':
      return new RenderError(
        'out_of_memory',
        'The image needs more memory than the renderer is allowed to use.',
        options,
      );
    case 'answer-size':
      return new RenderError('crash', 'The renderer sent more than an image takes and was stopped.', options);
    case 'start':
      return new RenderError('crash', 'The renderer process could not be started.', options);
    default:
      // Nobody here sends it: the system does, when memory runs out.
      return signal === 'SIGKILL'
        ? new RenderError(
            'out_of_memory',
            'The system stopped the renderer, probably because it ran out of memory.',
            options,
          )
        : new RenderError('crash', `The renderer exited unexpectedly (${how}).`, options);
  }
}

function reasonOf(answer: LastAnswer | ProcessEnd): string {
  if (answer instanceof ProcessEnd) {
    return answer.cause === 'answer-size' ? 'it sent more than an image takes' : `its driver crashed (${answer.how})`;
  }
  return answer.kind === 'failed' ? answer.message.replace(/\.$/, '') : 'it returned an unexpected answer';
}
