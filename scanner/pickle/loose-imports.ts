import { classifyGlobal } from './globals.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_FOUND = 10;
const GLOBAL = /[ci]([A-Za-z_][\w.]{0,120})\n([A-Za-z_][\w.]{0,120})\n/g;
const STACK_GLOBAL = /\x8c([\s\S])([A-Za-z_][\w.]{0,120})\x94?\x8c([\s\S])([A-Za-z_][\w.]{0,120}?)\x94?\x93/g;

/** Names that GLOBAL or STACK_GLOBAL would bring in, looked for in bytes that no pickle was found in. Only dangerous ones count. */
export function findLooseImports(bytes: Uint8Array, start: number): { name: string; offset: number }[] {
  const text = Buffer.from(bytes.subarray(start, start + MAX_BYTES)).toString('latin1');
  const found: { name: string; offset: number }[] = [];
  const add = (module: string, name: string, index: number) => {
    if (found.length < MAX_FOUND && classifyGlobal(module, name).class === 'dangerous') {
      found.push({ name: `${module}.${name}`, offset: start + index });
    }
  };
  for (const match of text.matchAll(GLOBAL)) add(match[1] ?? '', match[2] ?? '', match.index);
  for (const match of text.matchAll(STACK_GLOBAL)) {
    const [, moduleLength = '', module = '', nameLength = '', name = ''] = match;
    if (moduleLength.charCodeAt(0) === module.length && nameLength.charCodeAt(0) === name.length)
      add(module, name, match.index);
  }
  return found;
}
