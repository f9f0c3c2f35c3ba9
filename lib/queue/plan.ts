import { config } from '../config.ts';
import type { Tx } from '../db/index.ts';
import { enqueue } from './queue.ts';

/** Has a model's preview planned; nothing where previews are off. A worker that starts with them on plans what was left out. */
export async function enqueuePlan(tx: Tx, modelId: number): Promise<void> {
  if (config().previews !== 'off') await enqueue('plan', { modelId }, { tx });
}
