/** `<lora:name:weight>` of a prompt. */
export interface LoraTag {
  name: string;
  unet: number;
  text: number;
}

export interface NetworkTags {
  /** The prompt without its tags. */
  text: string;
  loras: LoraTag[];
  /** Tags that were taken out and name no LoRA that can be applied: other kinds, no name, weights that are no numbers. */
  ignored: string[];
}

const LORA_KINDS = new Set(['lora', 'lyco']);
const MAX_LORA_WEIGHT = 1000;

/**
 * Takes A1111's tags for extra networks, `<kind:…>`, out of a prompt. Of a LoRA's values the first is its name, the
 * second the weight of the text encoder and, without a third, of the UNet; `te=` and `unet=` say them by name.
 */
export function extractNetworkTags(prompt: string): NetworkTags {
  const loras: LoraTag[] = [];
  const ignored: string[] = [];
  let text = '';
  let done = 0;
  for (let open = prompt.indexOf('<'); open !== -1; ) {
    const colon = endOfWord(prompt, open + 1);
    let next = open + 1;
    if (colon > open + 1 && prompt[colon] === ':') {
      const close = prompt.indexOf('>', colon + 1);
      // No later tag can close either, and looking again for each would take the square of their number.
      if (close === -1) break;
      if (close > colon + 1) {
        text += prompt.slice(done, open);
        done = next = close + 1;
        const lora = LORA_KINDS.has(prompt.slice(open + 1, colon)) && readLora(prompt.slice(colon + 1, close));
        if (lora) loras.push(lora);
        else ignored.push(prompt.slice(open, done));
      }
    }
    open = prompt.indexOf('<', next);
  }
  return { text: text + prompt.slice(done), loras, ignored };
}

function endOfWord(text: string, from: number): number {
  const word = /[\p{L}\p{N}_]*/uy;
  word.lastIndex = from;
  word.test(text);
  return word.lastIndex;
}

function readLora(values: string): LoraTag | undefined {
  const named = new Map<string, string>();
  const positional: string[] = [];
  for (const value of values.split(':')) {
    const parts = value.split('=');
    if (parts.length === 2) named.set(parts[0]!, parts[1]!);
    else positional.push(value);
  }
  const [name, first = '1', second] = positional;
  const text = readWeight(named.get('te') ?? first);
  const unet = readWeight(named.get('unet') ?? second ?? named.get('te') ?? first);
  if (!name || text === undefined || unet === undefined) return undefined;
  return { name, unet, text };
}

function readWeight(text: string): number | undefined {
  if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)) return undefined;
  const weight = Number(text);
  return Math.abs(weight) <= MAX_LORA_WEIGHT ? weight : undefined;
}
