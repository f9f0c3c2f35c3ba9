import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesSource, scan } from '#scanner/index.ts';
import { makeRandom } from '../fuzz/random.ts';
import { HANG_MS } from '../support/limits.ts';
import { NO_PYTHON, python } from './support/python.ts';
import { CALL, mutateZip, wholeArchives } from './support/zip-mutants.ts';

if (python === null) console.info(NO_PYTHON);

const ARCHIVES = 1500;
const SCRIPT = join(import.meta.dirname, 'python/zips.py');

interface Answer {
  zipfile: string[];
  torch: string[] | null;
}

function readWithPython(archives: readonly Uint8Array[]): Answer[] {
  const { status, stdout, stderr } = spawnSync(python ?? '', ['-I', SCRIPT], {
    input: archives.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    timeout: HANG_MS,
  });
  if (status !== 0) throw new Error(`Python ended with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Answer);
}

function scanAll(bytes: Uint8Array) {
  const seen: string[] = [];
  const { verdict, findings } = scan(bytesSource(bytes), {
    onPickle: (analysis) => seen.push(Buffer.from(analysis.bytes).toString('latin1')),
  });
  return { verdict, seen, rules: findings.map(({ rule }) => rule) };
}

describe.skipIf(python === null)('what Python takes out of a zip archive', () => {
  const random = makeRandom(23);
  const mutants = Array.from({ length: ARCHIVES }, () => mutateZip(random));
  const answers = python === null ? [] : readWithPython(mutants);

  it('was seen, or the archive is not clean; and a call in it makes it dangerous', () => {
    const unseen: string[] = [];
    const notDangerous: string[] = [];
    let members = 0;
    let clean = 0;
    answers.forEach((answer, index) => {
      const archive = mutants[index] ?? new Uint8Array();
      const { verdict, seen, rules } = scanAll(archive);
      if (verdict === 'clean') clean += 1;
      for (const [reader, list] of Object.entries(answer) as [string, string[] | null][]) {
        for (const member of list ?? []) {
          members += 1;
          const bytes = Buffer.from(member, 'base64').toString('latin1');
          const report = `${reader} #${index} ${verdict} (${[...new Set(rules)].join(', ')}): ${JSON.stringify(bytes)}`;
          if (verdict === 'clean' && !seen.some((one) => one.includes(bytes))) unseen.push(report);
          if (bytes.includes(CALL) && bytes.startsWith('\x80\x02c') && verdict !== 'dangerous')
            notDangerous.push(report);
        }
      }
    });
    if (answers[0]?.torch === null) console.info('No torch here: its own reader is left out.');
    console.info(`${mutants.length} archives, ${members} members that Python reads, ${clean} archives clean`);
    expect(unseen).toEqual([]);
    expect(notDangerous).toEqual([]);
    expect(members).toBeGreaterThan(ARCHIVES / 2);
  });

  it('is what we see in archives without a fault', () => {
    const archives = wholeArchives();
    readWithPython(archives).forEach(({ zipfile, torch }, index) => {
      const { verdict, seen } = scanAll(archives[index] ?? new Uint8Array());
      expect(verdict).toBe('clean');
      const read = seen.map((one) => Buffer.from(one, 'latin1').toString('base64')).sort();
      expect(read).toEqual(zipfile);
      if (torch !== null && torch.length > 0) expect(read).toEqual(torch);
    });
  });
});
