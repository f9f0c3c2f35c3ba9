import { expireUploads } from '../uploads/index.ts';

/** What piles up when people walk away: uploads that nobody goes on with. */
export async function run(): Promise<void> {
  await expireUploads();
}
