import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { parseSync } from 'rolldown/utils';

interface ModuleImports {
  isForBrowsers: boolean;
  /** What is imported when the module runs, or when it asks for it; types are gone by then. */
  specifiers: string[];
}

/** Endings that an import may leave out, as the bundler of the pages tries them. */
const ENDINGS = ['', '.ts', '.tsx', '/index.ts', '/index.tsx'];

/** The ways from files with 'use client' to modules that only Node has: the file first, the module last. */
export function findNodeInBrowser(root: string): string[][] {
  const modules = new Map<string, ModuleImports>();
  const read = (path: string) => {
    const known = modules.get(path) ?? readModule(path);
    modules.set(path, known);
    return known;
  };
  const starts = globSync('{app,lib,scanner}/**/*.{ts,tsx}', { cwd: root })
    .map((path) => join(root, path))
    .filter((path) => readFileSync(path, 'utf8').includes('use client') && read(path).isForBrowsers)
    .sort();
  const from = new Map<string, string | null>(starts.map((path) => [path, null]));
  const found: string[][] = [];
  for (const path of from.keys()) {
    for (const specifier of read(path).specifiers) {
      if (isBuiltin(specifier)) found.push([...wayTo(path, from).map((part) => relative(root, part)), specifier]);
      const next = resolveImport(root, path, specifier);
      if (next !== null && !from.has(next)) from.set(next, path);
    }
  }
  return found;
}

function wayTo(path: string, from: ReadonlyMap<string, string | null>): string[] {
  const before = from.get(path) ?? null;
  return before === null ? [path] : [...wayTo(before, from), path];
}

function readModule(path: string): ModuleImports {
  const code = readFileSync(path, 'utf8');
  const { program, module, errors } = parseSync(path, code);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const ofImports = module.staticImports
    .filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType))
    .map(({ moduleRequest }) => moduleRequest.value);
  const ofExports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) => (moduleRequest === null || isType ? [] : [moduleRequest.value])),
  );
  const later = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const text = /^(['"`])([^$]*)\1$/.exec(code.slice(start, end))?.[2];
    return text === undefined ? [] : [text];
  });
  return {
    isForBrowsers: program.body.some((statement) => 'directive' in statement && statement.directive === 'use client'),
    specifiers: [...new Set([...ofImports, ...ofExports, ...later])],
  };
}

/** Null for packages and styles. */
function resolveImport(root: string, importer: string, specifier: string): string | null {
  if (!/^[.#]/.test(specifier) || specifier.endsWith('.css')) return null;
  const path = specifier.startsWith('#') ? join(root, specifier.slice(1)) : join(dirname(importer), specifier);
  const file = ENDINGS.map((ending) => path + ending).find((name) => existsSync(name) && statSync(name).isFile());
  if (file === undefined) throw new Error(`${importer} imports ${specifier}, which is not there.`);
  return /\.(tsx?|m?js)$/.test(file) ? file : null;
}
