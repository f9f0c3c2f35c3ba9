import { COGVIEW } from './cogview.ts';
import { COSMOS } from './cosmos.ts';
import { FLUX } from './flux.ts';
import { HUNYUAN } from './hunyuan.ts';
import { KANDINSKY } from './kandinsky.ts';
import { LTX } from './ltx.ts';
import { LUMINA } from './lumina.ts';
import { OTHERS } from './other.ts';
import { PIXART } from './pixart.ts';
import { QWEN } from './qwen.ts';
import { STABLE_DIFFUSION } from './stable-diffusion.ts';
import type { BaseRecord } from './types.ts';
import { WAN } from './wan.ts';

const RECORDS = {
  ...STABLE_DIFFUSION,
  ...FLUX,
  ...HUNYUAN,
  ...QWEN,
  ...WAN,
  ...LTX,
  ...LUMINA,
  ...PIXART,
  ...COSMOS,
  ...COGVIEW,
  ...KANDINSKY,
  ...OTHERS,
} as const;

/** A base model that is known here. */
export type BaseId = keyof typeof RECORDS;
/** What identification says of a file: a base model, or that nothing tells. */
export type KnownBase = BaseId | 'unknown';

/** One record a base model, in the order that lists show them. A record that names a base without one does not compile. */
export const BASES: Readonly<Record<BaseId, BaseRecord<BaseId>>> = RECORDS;
export const BASE_IDS = Object.keys(RECORDS) as readonly BaseId[];

export function isBase(id: string): id is BaseId {
  return Object.hasOwn(RECORDS, id);
}

/** The record of a base; undefined for ids that no record has, `unknown` among them. */
export function baseRecord(id: string): BaseRecord<BaseId> | undefined {
  return isBase(id) ? BASES[id] : undefined;
}
