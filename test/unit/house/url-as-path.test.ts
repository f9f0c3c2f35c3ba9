import { expect, it } from 'vitest';
import { lintProbe } from './lint-probe.ts';

const MESSAGE = 'Make paths from import.meta.dirname';
const lint = (source: string, path = 'test/support/probe.ts') => {
  const { output, ran } = lintProbe(path, source);
  return { refused: output.includes(MESSAGE), ran };
};

it.each([
  "export const path = new URL('./goldens', import.meta.url).pathname;",
  "const url = new URL('./goldens', import.meta.url);\nexport const path = decodeURI(url.pathname);",
  'export const { pathname } = new URL(import.meta.url);',
  "export const path = import.meta.url.replace('file://', '');",
])('a path is not made of the URL of a file: %s', (source) => {
  for (const path of ['test/support/probe.ts', 'lib/storage/probe.ts', 'scripts/probe.mjs', 'app/probe.tsx'])
    expect(lint(source, path)).toEqual({ refused: true, ran: true });
});

it.each([
  "import { join } from 'node:path';\n\nexport const path = join(import.meta.dirname, 'goldens');",
  "import { fileURLToPath } from 'node:url';\n\nexport const path = fileURLToPath(new URL('./goldens', import.meta.url));",
  "import { createRequire } from 'node:module';\n\nexport const require = createRequire(import.meta.url);",
  'export const isSignIn = (url: string) => new URL(url).pathname === "/sign-in";',
])('but of its folder, or by the function that is there for it: %s', (source) => {
  expect(lint(source)).toEqual({ refused: false, ran: true });
});
