import { type PromptPiece, parseAttention } from './attention.ts';
import { extractNetworkTags, type LoraTag } from './network-tags.ts';
import { checkLength } from './prompt-length.ts';

export interface ParsedPrompt {
  /** In the order of the prompt. */
  pieces: PromptPiece[];
  loras: LoraTag[];
  /** Tags `<kind:…>` that were taken out and mean no LoRA. */
  ignoredTags: string[];
}

/**
 * Reads a prompt as A1111 writes it: tags of LoRAs come out, brackets and weights become pieces. Takes any string; throws
 * RenderError `bad_request` when it is longer than MAX_PROMPT_LENGTH. A1111 leaves the tags of a negative prompt in its
 * text; here they come out of both, and whether LoRAs of a negative prompt count is for the caller to say. What stands
 * behind `#` is no comment, which it is under a setting of A1111 alone.
 */
export function parsePrompt(prompt: string): ParsedPrompt {
  checkLength(prompt);
  const { text, loras, ignored } = extractNetworkTags(prompt);
  return { pieces: parseAttention(text), loras, ignoredTags: ignored };
}
