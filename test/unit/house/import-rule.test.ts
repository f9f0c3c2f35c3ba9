import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const biome = resolve('node_modules/.bin/biome');
const house = mkdtempSync(join(tmpdir(), 'weighhouse-house-'));
for (const file of ['biome.json', '.gitignore']) cpSync(file, join(house, file));
// The copy of the configuration asks for a repository to read .gitignore from.
spawnSync('git', ['init', '-q', house]);

afterAll(() => rmSync(house, { recursive: true, force: true }));

/** Lints `import { x } from '<from>'` in a file at `path` under the project's own configuration. */
function lint(path: string, from: string): { restricted: boolean; ran: boolean } {
  const file = join(house, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `import { x } from '${from}';\n\nx();\n`);
  const { stdout, stderr } = spawnSync(biome, ['lint', path], { cwd: house, encoding: 'utf8' });
  rmSync(file);
  const output = stdout + stderr;
  return { restricted: output.includes('lint/style/noRestrictedImports'), ran: output.includes('Checked 1 file') };
}

describe('imports run one way, app → lib → scanner, and through faces', () => {
  it.each([
    ['scanner/hashes/probe.ts', '../../lib/config.ts'],
    ['scanner/hashes/probe.ts', '../../app/page.tsx'],
    ['lib/catalog/probe.ts', '../../app/page.tsx'],
    ['scanner/identify/probe.ts', '../tensors/types.ts'],
    ['lib/uploads/probe.ts', '../catalog/types.ts'],
    ['lib/uploads/probe.ts', '../../scanner/tensors/types.ts'],
    ['scanner/identify/probe.ts', 'pg'],
    ['lib/uploads/probe.ts', 'react'],
  ])('%s may not import %s', (path, from) => {
    expect(lint(path, from)).toEqual({ restricted: true, ran: true });
  });

  it.each([
    ['lib/catalog/probe.ts', '../../scanner/index.ts'],
    ['lib/catalog/probe.ts', '../../scanner/tensors/index.ts'],
    ['lib/uploads/probe.ts', '../catalog/index.ts'],
    ['lib/uploads/probe.ts', '../config.ts'],
    ['lib/uploads/probe.ts', './types.ts'],
    ['scanner/identify/probe.ts', '../tensors/index.ts'],
    ['scanner/identify/probe.ts', '../source.ts'],
    ['app/page.tsx', '../lib/catalog/index.ts'],
  ])('%s may import %s', (path, from) => {
    expect(lint(path, from)).toEqual({ restricted: false, ran: true });
  });
});
