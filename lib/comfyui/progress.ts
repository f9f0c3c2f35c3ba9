import type { RenderEvent } from '../render/index.ts';
import type { ComfyMessage } from './socket.ts';
import type { Workflow } from './workflow.ts';

type Part = Extract<RenderEvent, { kind: 'loading' }>['part'];

/** What is loaded while a node runs. */
const LOADS: Record<string, Part> = {
  CheckpointLoaderSimple: 'unet',
  UNETLoader: 'unet',
  CLIPLoader: 'text-encoder',
  DualCLIPLoader: 'text-encoder',
  TripleCLIPLoader: 'text-encoder',
  CLIPTextEncode: 'text-encoder',
  LoraLoader: 'lora',
  VAELoader: 'vae',
  VAEDecode: 'vae',
};

export interface Progress {
  /** Takes the messages of one picture. */
  of(tile: number, workflow: Workflow): (message: ComfyMessage) => void;
  times(): { loadSeconds: number; secondsPerStep: number };
}

/** Turns ComfyUI's messages into events, and measures by them. */
export function startProgress(onEvent: ((event: RenderEvent) => void) | undefined): Progress {
  let loadSeconds = 0;
  let stepping = 0;
  let steps = 0;
  const first = performance.now();
  let isFirst = true;
  let last: { step: number; at: number } | undefined;

  return {
    of(tile, { graph, sampler }) {
      last = undefined;
      let part: Part | undefined;
      return ({ type, data }) => {
        const { node, value, max } = data;
        if (type === 'executing' && typeof node === 'string') {
          const loads = LOADS[graph[node]?.class_type ?? ''];
          if (loads !== undefined && loads !== part) onEvent?.({ kind: 'loading', part: loads });
          part = loads;
        }
        if (type !== 'progress' || node !== sampler || typeof value !== 'number' || typeof max !== 'number') return;
        const at = performance.now();
        if (isFirst) loadSeconds = (at - first) / 1000;
        isFirst = false;
        if (last && value > last.step) {
          stepping += (at - last.at) / 1000;
          steps += value - last.step;
        }
        last = { step: value, at };
        onEvent?.({ kind: 'step', tile, step: value, steps: max });
      };
    },
    times: () => ({ loadSeconds, secondsPerStep: steps > 0 ? stepping / steps : 0 }),
  };
}
