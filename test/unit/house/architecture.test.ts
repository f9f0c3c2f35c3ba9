import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/ARCHITECTURE.md', 'utf8');
/** The lines of one tree of the page, from the line that names its root to the end of the tree or the next root. */
function treeOf(root: string): string {
  const lines = page
    .slice(page.search(new RegExp(`^${root}/( |$)`, 'm')))
    .split('\n')
    .slice(1);
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('  ')),
    )
    .join('\n');
}

describe('docs/ARCHITECTURE.md', () => {
  it.each(['lib', 'scanner', 'lib/previews', 'lib/render'])('shows every folder of %s', (root) => {
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${name}/`);
    const shown = [...treeOf(root).matchAll(/^ {2}((?:[\w.-]+\/? )*[\w.-]+\/?)(?: |$)/gm)].flatMap(([, names]) =>
      (names ?? '').split(' ').filter((name) => name.endsWith('/')),
    );
    expect(shown.sort()).toEqual(folders.sort());
  });
});
