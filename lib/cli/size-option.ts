/** Bytes of a size such as `500GB` (in thousands) or `20GiB` (in 1024s); null where it is none. */
export function parseSize(text: string): number | null {
  const [, number, unit = '', binary] = /^(\d+(?:\.\d+)?)\s*([KMGTP]?)(i?)B?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(number) * (binary ? 1024 : 1000) ** UNITS.indexOf(unit.toUpperCase()));
  return Number.isSafeInteger(bytes) ? bytes : null;
}

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'];
