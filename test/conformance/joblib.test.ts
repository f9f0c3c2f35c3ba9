import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesSource, scan } from '#scanner/index.ts';

interface JoblibFile {
  what: string;
  arrays: number;
  hasObjects: boolean;
  call: 'behind' | 'inside' | null;
  bytes: string;
}

const SCRIPT = join(import.meta.dirname, 'python', 'joblib_files.py');
const python = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-I', '-c', 'import joblib, lz4'], { stdio: 'ignore' }).status === 0);
if (python === undefined) console.info('No python3 with joblib and lz4 here: the files of joblib are left out.');

function makeFiles(seed: number, count: number): JoblibFile[] {
  const { status, stdout, stderr } = spawnSync(python ?? '', ['-I', SCRIPT, String(seed), String(count)], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JoblibFile);
}

describe.skipIf(python === undefined)('what joblib writes', () => {
  it('is read array by array, clean where it is, and its calls are found wherever they stand', () => {
    const files = makeFiles(1, 400);
    const wrong = files.flatMap(({ what, arrays, hasObjects, call, bytes }) => {
      let seen = 0;
      const { verdict, findings } = scan(bytesSource(Buffer.from(bytes, 'base64')), {
        onPickle: (analysis) => {
          seen += analysis.arrays.length;
        },
      });
      const expected = call !== null ? 'dangerous' : hasObjects ? 'suspicious' : 'clean';
      // A call before the last array is seen all the same, and so are the arrays behind it.
      return verdict === expected && seen >= arrays ? [] : [{ what, call, arrays, seen, verdict, expected, findings }];
    });
    expect(wrong).toEqual([]);
    expect(new Set(files.map(({ what }) => what)).size).toBeGreaterThan(20);
  });

  it('is never clean where it is cut', () => {
    const files = makeFiles(2, 40).map(({ what, bytes }) => ({ what, bytes: Buffer.from(bytes, 'base64') }));
    const wrong = files.flatMap(({ what, bytes }) =>
      Array.from({ length: 12 }, (_, index) => Math.floor((bytes.length * index) / 12))
        .filter((end) => scan(bytesSource(bytes.subarray(0, end))).verdict === 'clean')
        .map((end) => ({ what, end, of: bytes.length })),
    );
    expect(wrong).toEqual([]);
  });
});
