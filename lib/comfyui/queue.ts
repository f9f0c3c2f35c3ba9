import type { ComfyAddress } from './address.ts';
import { ask, askJson } from './http.ts';
import { isRecord } from './object-info.ts';

/** Where a prompt stands at the server. */
export type PromptStatus =
  | { kind: 'running' }
  /** `ahead`: how many prompts come first. */
  | { kind: 'pending'; ahead: number }
  | { kind: 'done'; entry: Record<string, unknown> }
  | { kind: 'unknown' };

/** Asks for history, then for the queue. Throws RenderError as `askJson` does. */
export async function findPrompt(address: ComfyAddress, promptId: string, seconds: number): Promise<PromptStatus> {
  const read = async () => {
    const history = await askJson(address, `history/${encodeURIComponent(promptId)}`, { seconds });
    const entry = isRecord(history) ? history[promptId] : undefined;
    return isRecord(entry) ? entry : null;
  };
  const entry = await read();
  if (entry) return { kind: 'done', entry };
  const { running, pending } = await readQueue(address, seconds);
  if (running.includes(promptId)) return { kind: 'running' };
  const place = pending.indexOf(promptId);
  if (place >= 0) return { kind: 'pending', ahead: place + running.length };
  // It may have ended between the two questions.
  const late = await read();
  return late ? { kind: 'done', entry: late } : { kind: 'unknown' };
}

/**
 * Takes a prompt out of the queue, or interrupts it where it runs. Other prompts are left alone: servers before 2025-09
 * interrupt whatever runs, so they are asked only while it is this one. Throws RenderError as `ask` does.
 */
export async function cancelPrompt(address: ComfyAddress, promptId: string, seconds: number): Promise<void> {
  await ask(address, 'queue', { method: 'POST', body: { delete: [promptId] }, seconds });
  const { running } = await readQueue(address, seconds);
  if (!running.includes(promptId)) return;
  await ask(address, 'interrupt', { method: 'POST', body: { prompt_id: promptId }, seconds });
}

/** Ids of the prompts: `[number, id, …]` each; pending ones in the order of their numbers. */
async function readQueue(address: ComfyAddress, seconds: number): Promise<{ running: string[]; pending: string[] }> {
  const queue = await askJson(address, 'queue', { seconds });
  const entries = (name: string) => {
    const list = isRecord(queue) ? queue[name] : undefined;
    return (Array.isArray(list) ? list : []).filter(Array.isArray);
  };
  const pending = entries('queue_pending').sort((a, b) => Number(a[0]) - Number(b[0]));
  return {
    running: entries('queue_running').map((one) => String(one[1])),
    pending: pending.map((one) => String(one[1])),
  };
}
