import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classifyGlobal } from '#scanner/pickle/index.ts';
import { HANG_MS } from '../support/limits.ts';
import { torchPython } from './support/torch.ts';

/** Names that another scanner denies and whose arguments decide here: each is dangerous when it is called otherwise. */
const DECIDED_BY_ARGUMENTS: ReadonlySet<string> = new Set([
  'builtins.getattr',
  '__builtin__.getattr',
  'functools.partial',
  // joblib's arrays are described by a class of it; joblib.load and what else loads or runs is dangerous.
  'joblib.*',
]);

const denied = torchPython === null ? [] : readDenyLists(torchPython);
if (denied.length === 0) console.warn('No other scanner is installed: the comparison of denied names is left out.');

describe.skipIf(denied.length === 0)('the names that other scanners deny', () => {
  it('are dangerous here, apart from those that arguments decide', () => {
    const lighter = denied
      .filter(([, module, name]) => classifyGlobal(module, name === '*' ? 'anything' : name).class !== 'dangerous')
      .map(([, module, name]) => `${module}.${name}`);
    expect(lighter.filter((name) => !DECIDED_BY_ARGUMENTS.has(name))).toEqual([]);
    expect(denied.length).toBeGreaterThan(100);
  });
});

function readDenyLists(python: string): [scanner: string, module: string, name: string][] {
  const script = join(import.meta.dirname, 'python/deny_lists.py');
  const { status, stdout, stderr } = spawnSync(python, ['-I', script], { encoding: 'utf8', timeout: HANG_MS });
  if (status !== 0) throw new Error(`Python ended with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as [string, string, string]);
}
