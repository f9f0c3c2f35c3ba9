import { describe, expect, it } from 'vitest';
import { lintProbe } from './lint-probe.ts';

/** Lints `import { x } from '<from>'` in a file at `path`. */
function lint(path: string, from: string): { restricted: boolean; ran: boolean } {
  const { output, ran } = lintProbe(path, `import { x } from '${from}';\n\nx();\n`);
  return { restricted: output.includes('lint/style/noRestrictedImports'), ran };
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
