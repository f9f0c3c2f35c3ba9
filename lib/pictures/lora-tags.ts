import type { LoraUse } from './parameters.ts';

const MAX_TAG = 400;
const MAX_LORAS = 100;
const KINDS = ['<lora:', '<lyco:'];

/** LoRAs that a prompt names as `<lora:name:weight>`, where the weight may be two: text encoders, then the network. */
export function readLoraTags(prompt: string): LoraUse[] {
  const found: LoraUse[] = [];
  for (let at = prompt.indexOf('<'); at >= 0 && found.length < MAX_LORAS; at = prompt.indexOf('<', at + 1)) {
    const kind = prompt.slice(at, at + 6).toLowerCase();
    if (!KINDS.includes(kind)) continue;
    const tag = prompt.slice(at + 6, at + MAX_TAG);
    const end = tag.indexOf('>');
    if (end > 0) found.push(readTag(tag.slice(0, end)));
  }
  return found;
}

function readTag(tag: string): LoraUse {
  const [name = '', ...args] = tag.split(':').map((part) => part.trim());
  const named = new Map(
    args.filter((part) => part.includes('=')).map((part) => part.split('=', 2) as [string, string]),
  );
  const [first, second] = args.filter((part) => !part.includes('='));
  const text = toNumber(named.get('te') ?? first) ?? 1;
  const weight = toNumber(named.get('unet') ?? second) ?? text;
  return { name, weight, textWeight: text === weight ? null : text, hash: null };
}

function toNumber(text: string | undefined): number | null {
  const number = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/** The prompt with a tag for each LoRA of known weight that it does not name yet. */
export function addLoraTags(prompt: string, loras: readonly LoraUse[]): string {
  const named = new Set(readLoraTags(prompt).map(({ name }) => name));
  const tags = loras.filter(({ name, weight }) => weight !== null && !named.has(tagName(name))).map(writeTag);
  return [prompt, ...tags].filter((part) => part !== '').join(' ');
}

function writeTag({ name, weight, textWeight }: LoraUse): string {
  const weights = textWeight === null || textWeight === weight ? [weight] : [textWeight, weight];
  return `<lora:${[tagName(name), ...weights].join(':')}>`;
}

/** A name as tags and lists of hashes can hold it: without the signs that would end it there. */
export function tagName(name: string): string {
  return name.replace(/[:,<>=\r\n"]/g, '').trim();
}
