import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll } from 'vitest';

const biome = resolve('node_modules/.bin/biome');
const house = mkdtempSync(join(tmpdir(), 'weighhouse-house-'));
for (const part of ['biome.json', '.gitignore', 'scripts/lint']) cpSync(part, join(house, part), { recursive: true });
// The copy of the configuration asks for a repository to read .gitignore from.
spawnSync('git', ['init', '-q', house]);

afterAll(() => rmSync(house, { recursive: true, force: true }));

/** What Biome says of `source` in a file at `path`, under the project's own configuration. */
export function lintProbe(path: string, source: string): { output: string; ran: boolean } {
  const file = join(house, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  const { stdout, stderr } = spawnSync(biome, ['lint', path], { cwd: house, encoding: 'utf8' });
  rmSync(file);
  const output = stdout + stderr;
  return { output, ran: output.includes('Checked 1 file') };
}
