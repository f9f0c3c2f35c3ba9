import { LIMITS, type LimitChanges, type LimitUnit } from './limits.ts';

/** A limit that cannot be used; the message says why. */
export class LimitError extends Error {
  override name = 'LimitError';
}

const FACTORS: Readonly<Record<LimitUnit, Readonly<Record<string, number>>>> = {
  count: { '': 1, k: 1e3, M: 1e6, G: 1e9 },
  times: { '': 1, x: 1 },
  bytes: { '': 1, B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
  milliseconds: { '': 1, ms: 1, s: 1e3, min: 60e3 },
};

/** 1.1 million is no whole number to a computer. */
const ROUNDING = 1e-6;

const EXAMPLES: Readonly<Record<LimitUnit, string>> = {
  count: '5000 or 2M',
  times: '200',
  bytes: '1000000, 64MB or 64MiB',
  milliseconds: '500, 10s or 2min',
};

/** Reads `64MB`, `10s` or a plain number for the limit of that name. Throws LimitError with one sentence. */
export function parseLimitValue(name: string, text: string): number {
  const limit = LIMITS.get(name);
  if (limit === undefined) throw new LimitError(`Unknown limit ${name}. See docs/LIMITS.md.`);
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s?([A-Za-z]*)$/.exec(text.trim()) ?? [];
  const factors = FACTORS[limit.unit];
  const exact = Object.hasOwn(factors, unit) ? Number(digits) * (factors[unit] ?? 0) : 0;
  const value = Math.round(exact);
  if (value < 1 || !Number.isSafeInteger(value) || Math.abs(value - exact) > ROUNDING)
    throw new LimitError(`The limit ${name} must be a whole number above 0, for example ${EXAMPLES[limit.unit]}.`);
  return value;
}

/** Reads `name=value`, one text a limit. Throws LimitError. */
export function parseLimits(texts: readonly string[]): LimitChanges {
  const changes: LimitChanges = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw new LimitError(`Write a limit as name=value, for example pickleBytes=64MB, not ${text}.`);
    const name = text.slice(0, at).trim();
    setLimit(changes, name, parseLimitValue(name, text.slice(at + 1)));
  }
  return changes;
}

/** Puts one limit, by the name that it has in LIMITS, into the changes. */
export function setLimit(changes: LimitChanges, name: string, value: number): void {
  const [group, inner] = name.split('.');
  if (inner === undefined) Object.assign(changes, { [name]: value });
  else if (group === 'pickle') changes.pickle = { ...changes.pickle, [inner]: value };
}
