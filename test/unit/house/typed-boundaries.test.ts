import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lintProbe } from './lint-probe.ts';

const CASES: [source: string, message: string][] = [
  ['export const plan = (row: { plan: object }) => row.plan as unknown as { host: string };', 'through a schema'],
  ["export const isGone = (e: unknown) => (e as NodeJS.ErrnoException).code === 'ENOENT';", 'isSystemError'],
  ['export const isOurs = (error: Error) => /^Malformed/.test(error.name);', 'by its class'],
  ["export const isOurs = (error: Error) => error.name === 'MergeError';", 'by its class'],
  ["export const isOurs = (error: Error) => error.constructor.name === 'MergeError';", 'by its class'],
];

it.each(CASES)('refuses %s', (source, message) => {
  for (const path of ['app/probe.tsx', 'lib/catalog/probe.ts', 'scanner/convert/probe.ts']) {
    const { output, ran } = lintProbe(path, source);
    expect({ refused: output.includes(message), ran }).toEqual({ refused: true, ran: true });
  }
});

it.each([
  'export const isOurs = (error: unknown) => error instanceof TypeError;',
  "export const isOurs = (model: { name: string }) => model.name === 'a' || /b/.test(model.name);",
])('takes %s', (source) => {
  expect(lintProbe('lib/probe.ts', source).output).not.toContain('plugin');
});

/** JSON columns that are not read as something of a known shape, and why. */
const FREE: Readonly<Record<string, string>> = {
  'audit_entry.after': 'Each action has a schema of its own in lib/audit/actions.',
  'bulk_job.params': 'Each action has a schema of its own in lib/bulk/actions.ts.',
  'setting.value': 'Each key has a schema of its own where it is read.',
};

it('every JSON column of the database has a schema, and every schema a column', () => {
  const columns: string[] = [];
  for (const [, body = ''] of readFileSync('prisma/schema.prisma', 'utf8').matchAll(/^model \w+ \{\n(.*?)^\}/gms)) {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1];
    for (const [, column] of body.matchAll(/^ {2}(\w+) +Json\b/gm)) columns.push(`${table}.${column}`);
  }
  const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.includes('generated'),
  );
  const described = files.flatMap((path) =>
    [...readFileSync(join('lib', path), 'utf8').matchAll(/jsonColumn\(\s*'([\w.]+)'/g)].map(([, name]) => name),
  );

  expect([...described, ...Object.keys(FREE)].sort()).toEqual(columns.sort());
});

it('an actor comes first in every function of the service that takes one', () => {
  const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const later = files.flatMap((path) =>
    [...readFileSync(join('lib', path), 'utf8').matchAll(/function (\w+)(?:<[^(]*>)?\(([^)]*),\s*actor: Actor\b/g)].map(
      ([, name]) => `${path}: ${name}`,
    ),
  );

  expect(later).toEqual([]);
});
