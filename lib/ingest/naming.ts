import { withoutModelEnding } from '#scanner/model-files.ts';
import type { VariantOptions } from '../queue/index.ts';

/** A model's first name, from its file's: without extension, underscores as spaces. Never empty. */
export function titleOf(filename: string): string {
  const title = withoutModelEnding(filename).replaceAll('_', ' ').replace(/\s+/g, ' ').trim();
  return (title || filename || 'Untitled').slice(0, 200);
}

/** Letters and digits of a name in lower case, joined by hyphens; `model` where there are none. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60)
      .replace(/-+$/, '') || 'model'
  );
}

const PARTS = { unet: 'UNet only', vae: 'VAE only', te: 'text encoder only' } as const;

/** What a file is called that was made from another with other options, and its version: `v1, BF16, VAE alone`. */
export function nameVariant(
  filename: string,
  version: string,
  { dtype, ema, only, stripTraining = false, skipUnsupported = false }: VariantOptions,
): { filename: string; versionName: string } {
  const words = [
    dtype === undefined ? [] : [[dtype, dtype.toLowerCase()]],
    only === undefined ? [] : [[PARTS[only], only]],
    ema === undefined ? [] : [ema === 'use' ? ['EMA weights', 'ema'] : ['without EMA weights', 'no-ema']],
    stripTraining ? [['pruned', 'pruned']] : [],
    skipUnsupported ? [['supported tensors', 'supported']] : [],
  ].flat();
  const stem = withoutModelEnding(filename);
  return {
    filename: `${stem}-${words.map(([, mark]) => mark).join('-')}.safetensors`,
    versionName: [version, ...words.map(([word]) => word)].join(', '),
  };
}
