import { builtinModules } from 'node:module';
import { beforeAll, expect, it } from 'vitest';
import { chunksOfBundle } from '#scripts/bundle.mjs';

interface Chunk {
  fileName: string;
  modules: string[];
  imports: string[];
  dynamicImports: string[];
}

it('prints', async () => {
  const chunks: Chunk[] = await chunksOfBundle();
  const byName = new Map(chunks.map((c) => [c.fileName, c]));
  const pk = (c: Chunk) => [
    ...c.modules.flatMap((m) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(m)?.[1] ?? []),
    ...[...c.imports].filter((n) => !byName.has(n) && !n.startsWith('node:') && !builtinModules.includes(n)),
  ];
  const reach = (from: string[], late: boolean) => {
    const r = new Set(from);
    for (const n of r) {
      const c = byName.get(n);
      if (!c) continue;
      for (const x of [...c.imports, ...(late ? c.dynamicImports : [])]) r.add(x);
    }
    return r;
  };
  const packs = (s: Set<string>) => [...new Set([...s].flatMap((n) => (byName.has(n) ? pk(byName.get(n)!) : [])))].sort();
  for (const c of chunks.filter((c) => c.modules.some((m) => m.startsWith('program:')) || !c.fileName.startsWith('chunks/') || c.modules.some(m => m.endsWith('-command.ts')))) {
    const start = reach([c.fileName, ...(c.modules.some((m) => m.startsWith('program:')) ? c.dynamicImports : [])], false);
    const late = packs(reach([...start], true));
    const now = packs(start);
    const ext = [...reach([...start], true)].flatMap((n) => byName.get(n)?.dynamicImports ?? []).filter((n) => !byName.has(n));
    console.log(c.fileName, c.modules.filter(m => m.endsWith('-command.ts')).join(','), '|', now.join(' '), '| LATER', late.filter((x) => !now.includes(x)).join(' '), '| EXT', [...new Set(ext)].join(' '));
  }
});
beforeAll(() => {});
expect(1).toBe(1);
