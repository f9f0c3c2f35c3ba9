import { RenderError } from '../types.ts';

/** Longest prompt, in UTF-16 units: a thousand times what people write. */
export const MAX_PROMPT_LENGTH = 100_000;

/** Throws RenderError `bad_request` for a prompt that is longer than MAX_PROMPT_LENGTH. */
export function checkLength(prompt: string): void {
  if (prompt.length <= MAX_PROMPT_LENGTH) return;
  const most = MAX_PROMPT_LENGTH.toLocaleString('en');
  throw new RenderError('bad_request', `The prompt is too long: the maximum is ${most} characters.`);
}
