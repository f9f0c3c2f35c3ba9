import type { KeyIndex } from './key-index.ts';
import type { Evidence } from './types.ts';

/** A network that steers another: told apart before the backbone, whose keys some of them contain. */
export interface ControlMatch {
  type: 'controlnet' | 't2i-adapter' | 'ip-adapter' | 'motion-module';
  base: string;
  variant: string | null;
  evidence: Evidence[];
}

/** Width of the text that cross-attention reads → base. */
export const CONTEXT_BASES: ReadonlyMap<number, string> = new Map([
  [768, 'sd1'],
  [1024, 'sd2'],
  [1280, 'sdxl-refiner'],
  [2048, 'sdxl'],
]);

interface ControlRow {
  type: ControlMatch['type'];
  variant?: string;
  /** Every pattern must match some name. */
  marks: readonly RegExp[];
  /** The base where it is fixed, else the keys whose side `axis` tells it. */
  base?: string;
  width?: { keys: readonly RegExp[]; axis: number; bases: ReadonlyMap<number, string> };
}

const attention = { axis: 1, bases: CONTEXT_BASES };

/** In the order to test them. */
const ROWS: readonly ControlRow[] = [
  {
    type: 'ip-adapter',
    marks: [/^image_proj\./, /^ip_adapter\./],
    width: {
      keys: [/to_k_ip\.weight$/],
      axis: -1,
      bases: new Map([
        [768, 'sd1'],
        [1024, 'sd2'],
        [2048, 'sdxl'],
      ]),
    },
  },
  {
    type: 'controlnet',
    variant: 'lora',
    marks: [/^lora_controlnet$/],
    width: { keys: [/attn2\.to_k\.down$/], ...attention },
  },
  {
    type: 'controlnet',
    marks: [/^controlnet_cond_embedding\.conv_in\.weight$/],
    width: { keys: [/^down_blocks\.\d+\.attentions\.0\.transformer_blocks\.0\.attn2\.to_k\.weight$/], ...attention },
  },
  {
    type: 'controlnet',
    base: 'flux1',
    marks: [/^controlnet_blocks\.0\.weight$/, /^double_blocks\.0\.img_attn\.norm\.key_norm\.scale$/],
  },
  { type: 'controlnet', base: 'sd3', marks: [/^controlnet_blocks\.0\.weight$/, /^pos_embed_input\.proj\.weight$/] },
  {
    type: 'controlnet',
    base: 'qwen-image',
    marks: [/^controlnet_blocks\.0\.weight$/, /^transformer_blocks\.0\.img_mlp\.net\.0\.proj\.weight$/],
  },
  { type: 'controlnet', base: 'flux1', marks: [/^controlnet_blocks\.0\.weight$/, /^controlnet_x_embedder\.weight$/] },
  {
    type: 'controlnet',
    marks: [/^(?:control_model\.)?zero_convs\.0\.0\.weight$/],
    width: {
      keys: [/^(?:control_model\.)?input_blocks\.4\.1\.transformer_blocks\.0\.attn2\.to_k\.weight$/],
      ...attention,
    },
  },
  { type: 'controlnet', variant: 'lllite', base: 'sdxl', marks: [/^lllite_unet_/] },
  {
    type: 't2i-adapter',
    marks: [
      /^(?:adapter\.)?conv_in\.weight$/,
      /^(?:adapter\.)?body\.0\.(?:block2\.weight|resnets\.0\.block1\.weight)$/,
    ],
    width: {
      keys: [/^(?:adapter\.)?conv_in\.weight$/],
      axis: 1,
      bases: new Map([
        [64, 'sd1'],
        [192, 'sd1'],
        [256, 'sdxl'],
        [768, 'sdxl'],
      ]),
    },
  },
  { type: 'motion-module', base: 'sd1', marks: [/^down_blocks\.3\.motion_modules\./] },
  { type: 'motion-module', base: 'sdxl', marks: [/^down_blocks\.2\.motion_modules\./] },
];

export function matchControl(keys: KeyIndex): ControlMatch | undefined {
  for (const row of ROWS) {
    const marks = row.marks.map((pattern) => keys.find(pattern));
    if (marks.some((name) => name === undefined)) continue;

    const evidence: Evidence[] = marks
      .filter((name) => name !== undefined)
      .map((name) => ({ field: 'type', source: 'weights', detail: keys.cite(name) }));
    let base = row.base ?? 'unknown';
    if (row.base !== undefined) evidence.push({ field: 'base', source: 'weights', detail: evidence[0]?.detail ?? '' });
    for (const pattern of row.width?.keys ?? []) {
      const name = keys.find(pattern);
      const size = name === undefined ? undefined : keys.side(name, row.width?.axis ?? 0);
      if (name === undefined || size === undefined) continue;
      base = row.width?.bases.get(size) ?? 'unknown';
      evidence.push({ field: 'base', source: 'weights', detail: keys.cite(name) });
      break;
    }
    return { type: row.type, base, variant: row.variant ?? null, evidence };
  }
  return undefined;
}
