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

/** As `--dtype` of `convert`, which writes GGUF as well. */
export function convertDtypeOption(): Option {
  return new Option('--dtype <type>', 'precision of the result: f32, f16, bf16, fp8_e4m3, q8_0 (.gguf alone) or keep')
    .argParser((text): TargetDtype | 'Q8_0' | null =>
      text.toLowerCase() === 'q8_0' ? 'Q8_0' : parseDtype(text, ['q8_0']),
    )
    .default(null, 'keep');
}

/** `--dtype`: the type that floating-point numbers become; null keeps each. */
export function dtypeOption(): Option {
  const list = `${NAMES.slice(1).join(', ')} or ${NAMES[0]}`;
  return new Option('--dtype <type>', `precision of the result: ${list}`)
    .argParser((text) => parseDtype(text))
    .default(null, 'keep');
}

function parseDtype(text: string, more: readonly string[] = []): TargetDtype | null {
  const name = text.toLowerCase();
  if (!Object.hasOwn(DTYPES, name)) throw new InvalidArgumentError(`Use one of ${[...NAMES, ...more].join(', ')}.`);
  return DTYPES[name as keyof typeof DTYPES];
}
