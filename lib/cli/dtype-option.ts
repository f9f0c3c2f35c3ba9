import { InvalidArgumentError, Option } from 'commander';
import type { TargetDtype } from '#scanner/convert/index.ts';

const DTYPES = {
  keep: null,
  f32: 'F32',
  f16: 'F16',
  bf16: 'BF16',
  fp8_e4m3: 'F8_E4M3',
} as const satisfies Record<string, TargetDtype | null>;
const NAMES = Object.keys(DTYPES);

/** `--dtype`: the type that floating-point numbers become; null keeps each. */
export function dtypeOption(): Option {
  const list = `${NAMES.slice(1).join(', ')} or ${NAMES[0]}`;
  return new Option('--dtype <type>', `precision of the result: ${list}`).argParser(parseDtype).default(null, 'keep');
}

function parseDtype(text: string): TargetDtype | null {
  const name = text.toLowerCase();
  if (!Object.hasOwn(DTYPES, name)) throw new InvalidArgumentError(`Use one of ${NAMES.join(', ')}.`);
  return DTYPES[name as keyof typeof DTYPES];
}
