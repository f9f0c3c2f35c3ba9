// `npm run docs`: writes docs/LIMITS.md from `scanner/limits.ts`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS, type LimitUnit } from '#scanner/index.ts';

export const LIMITS_PAGE = join(import.meta.dirname, '..', 'docs', 'LIMITS.md');

const INTRODUCTION = `# Limits

<!-- Made by \`npm run docs\` from scanner/limits.ts. -->

What one scan may cost. A limit that is hit is a finding, and the file is never called clean: most give \`incomplete\`, and
what is odd in itself (numbers, nesting and expansion that only wear a reader out) is \`suspicious\` or \`malformed\`. What was found before
stays found. The defaults are set so that the process that scans stays below 256 MiB of
memory; \`npm run bench:memory\` measures it with files made to wear a reader out.
That holds for the processes that the command and the service start, whose heap and pages they bound. A program that calls the
library adds what it takes itself, and more of what V8 has not cleared away: start it with \`--expose-gc\`,
\`--max-old-space-size=180\`, \`--max-semi-space-size=4\` and \`--memory-pool-timeout=0\` to come near it.

Change them in one of these places; what stands further down counts more.

| where | how |
| --- | --- |
| a policy file | \`{ "limits": { "milliseconds": "30s", "pickle": { "opcodes": 1000000 } } }\` with \`weighhouse scan --policy FILE\` |
| the command | \`weighhouse scan --limit milliseconds=30s --limit pickle.opcodes=1M PATH\` |
| the library | \`scan(source, { limits: { milliseconds: 30_000, pickle: { opcodes: 1_000_000 } } })\` |
| the service | \`WEIGHHOUSE_SCAN_LIMITS="milliseconds=30s pickle.opcodes=1M"\` |

Sizes take \`kB\`, \`MB\`, \`GB\` (powers of 1000) and \`KiB\`, \`MiB\`, \`GiB\` (powers of 1024), times \`ms\`, \`s\` and \`min\`, counts \`k\`, \`M\` and \`G\`.
The library takes plain numbers: bytes and milliseconds. Higher limits than these can take more memory than 256 MiB.
`;

/** The page, with one row for each limit. */
export function limitsPage(): string {
  const rows = [...LIMITS].map(
    ([name, { unit, default: value, about, rule }]) =>
      `| \`${name}\` | ${show(value, unit)} | [\`${rule}\`](RULES.md#${rule.replace('/', '')}) | ${about} |`,
  );
  return `${INTRODUCTION}\n${['| limit | default | finding | what it bounds |', '| --- | ---: | --- | --- |', ...rows].join('\n')}\n`;
}

function show(value: number, unit: LimitUnit): string {
  const spaced = (number: number) => String(number).replace(/\B(?=(\d{3})+$)/g, ' ');
  if (unit === 'milliseconds') return `${value / 1000} s`;
  if (unit === 'times') return `${value} times`;
  if (unit === 'count') return spaced(value);
  for (const [name, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const)
    if (value % size === 0) return `${value / size} ${name}`;
  return `${spaced(value)} bytes`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(LIMITS_PAGE, limitsPage());
