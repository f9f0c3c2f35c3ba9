import { runPreviews } from '../../previews/index.ts';

export async function run(): Promise<void> {
  await runPreviews();
}
