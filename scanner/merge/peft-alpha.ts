/** How PEFT scales the modules of one of the networks that an adapter is for. */
interface Settings {
  /** What the names of its modules begin with, such as `transformer.`. */
  prefix: string;
  alpha: number | null;
  /** Alphas of single layers, by their names or the ends of those. */
  pattern: readonly (readonly [layer: string, alpha: number])[];
  /** Rank-stabilised: divided by the root of the rank. */
  isRootScaled: boolean;
}

/** The factor of a module's change by its name and rank; null where nothing is recorded. */
export type RecordedScale = (module: string, rank: number) => number | null;

/**
 * Scales that diffusers records in `lora_adapter_metadata` (`_pack_dict_with_prefix` in its `loaders/lora_base.py`): PEFT's
 * files have no alpha next to the matrices. What cannot be read counts as not recorded.
 */
export function readRecordedScales(metadata: ReadonlyMap<string, string>): RecordedScale {
  const settings = listSettings(metadata.get('lora_adapter_metadata'));
  return (module, rank) => {
    const own = settings.find(({ prefix }) => module.startsWith(prefix));
    if (own === undefined || rank === 0) return null;
    const layer = module.slice(own.prefix.length);
    const [, single] = own.pattern.find(([name]) => layer === name || layer.endsWith(`.${name}`)) ?? [];
    const alpha = single ?? own.alpha;
    if (alpha === null) return null;
    return own.isRootScaled ? alpha / Math.sqrt(rank) : alpha / rank;
  };
}

function listSettings(text: string | undefined): Settings[] {
  const entries = new Map(Object.entries(parse(text)));
  const prefixes = new Set([...entries.keys()].flatMap((key) => /^(\w+)\.(?:r|lora_alpha)$/.exec(key)?.[1] ?? []));
  return [...prefixes].map((component) => {
    const alpha = entries.get(`${component}.lora_alpha`);
    const pattern = entries.get(`${component}.alpha_pattern`);
    return {
      prefix: `${component}.`,
      alpha: isNumber(alpha) ? alpha : null,
      pattern: Object.entries(typeof pattern === 'object' && pattern !== null ? pattern : {}).flatMap(
        ([layer, value]) => (isNumber(value) ? [[layer.replace(/^\^/, ''), value] as const] : []),
      ),
      isRootScaled: entries.get(`${component}.use_rslora`) === true,
    };
  });
}

function parse(text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
