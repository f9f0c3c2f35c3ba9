import { recoverAbandoned } from '../ingest/index.ts';
import { expireUploads } from '../uploads/index.ts';

/** What piles up: uploads that nobody goes on with, and files whose workers died. */
export async function run(): Promise<void> {
  await expireUploads();
  await recoverAbandoned();
}
