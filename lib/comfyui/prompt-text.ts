/** A word of the prompt, and what ComfyUI calls the embedding that stands for it. */
export interface NamedEmbedding {
  token: string;
  /** Relative to its folder, without spaces. */
  comfyName: string;
}

/** Characters that may follow a name inside brackets, as in `(word:1.2)`; all others would become part of it. */
const MAY_FOLLOW = /^[\s:)\]]/;

/**
 * A prompt in ComfyUI's own writing, in the parts that `BREAK` separates. Weights in brackets are the same there; an
 * embedding is `embedding:name`, up to the next space (comfy/sd1_clip.py).
 */
export function splitPrompt(prompt: string, embeddings: readonly NamedEmbedding[]): string[] {
  return prompt.split(/\s*\bBREAK\b\s*/).map((part) => nameEmbeddings(part, embeddings));
}

function nameEmbeddings(text: string, embeddings: readonly NamedEmbedding[]): string {
  if (embeddings.length === 0) return text;
  const byToken = new Map(embeddings.map(({ token, comfyName }) => [token.toLowerCase(), comfyName]));
  // The longest first, so that `style` does not end `style-2`.
  const tokens = [...byToken.keys()].sort((a, b) => b.length - a.length).map((token) => RegExp.escape(token));
  const words = new RegExp(`(?<![\\p{L}\\p{N}_-])(?:${tokens.join('|')})(?![\\p{L}\\p{N}_-])`, 'giu');
  return text.replace(words, (word, at: number) => {
    const before = at === 0 || /[\s([]$/.test(text.slice(0, at)) ? '' : ' ';
    const following = text.slice(at + word.length);
    const after = following === '' || MAY_FOLLOW.test(following) ? '' : ' ';
    return `${before}embedding:${byToken.get(word.toLowerCase())}${after}`;
  });
}
