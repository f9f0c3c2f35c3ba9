import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDangerousByRule } from '#scanner/pickle/denied.ts';

/**
 * Makes scanner/pickle/dangerous-names.ts from the sources of installed packages:
 * `WEIGHHOUSE_PYTHON=… node scripts/dangerous-names.ts PACKAGE…`, or `--from FILE` with what
 * test/conformance/python/dangerous_names.py printed before. Names that a rule covers anyway are left out.
 */

interface Walk {
  names: [top: string, name: string, module: string, kind: string][];
  versions: Record<string, string>;
}

const ROOT = join(import.meta.dirname, '..');
const TARGET = join(ROOT, 'scanner/pickle/dangerous-names.ts');
/** To write or delete a file runs nothing by itself: only functions, not the methods of what programs keep. */
const ONLY_FUNCTIONS = new Set(['write']);

const [first, ...rest] = process.argv.slice(2);
const { names, versions } = JSON.parse(
  first === '--from' ? readFileSync(rest[0] ?? '', 'utf8') : walk([first ?? '', ...rest]),
) as Walk;

function walk(packages: readonly string[]): string {
  const python = process.env.WEIGHHOUSE_PYTHON ?? 'python3';
  const script = join(ROOT, 'test/conformance/python/dangerous_names.py');
  const { status, stdout } = spawnSync(python, ['-P', script, ...packages], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`Python ended with ${status}.`);
  return stdout;
}

const table = new Map<string, Set<string>>();
for (const [top, name, module, kind] of names) {
  const last = name.slice(name.lastIndexOf('.') + 1);
  if (isDangerousByRule(module, name) || last.startsWith('__') || /[^\w.]/.test(name)) continue;
  if (ONLY_FUNCTIONS.has(kind) && name.includes('.')) continue;
  table.set(top, (table.get(top) ?? new Set()).add(name));
}
const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
const wrap = (words: readonly string[], indent: string) =>
  words.reduce<string[]>((lines, word) => {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length > 116) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
    return lines;
  }, []);
const entries = [...table]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([top, found]) => `  ${top}: \`\n${wrap([...found].sort(), '    ').join('\n')}\n  \`,\n`);
writeFileSync(
  TARGET,
  `/**
 * Functions, methods and classes of packages that run, import, unpickle, download or write what their arguments say, by
 * package, under whatever module of it. Made by \`node scripts/dangerous-names.ts\` from the sources of:
${wrap(made, ' * ').join('\n')}
 */
export const DANGEROUS_NAMES: Readonly<Record<string, string>> = {
${entries.join('')}};
`,
);
console.info([...table].map(([top, found]) => `${top}: ${found.size}`).join('\n'));
