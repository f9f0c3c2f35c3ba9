/** The part of `npm run fuzz` that is run by `--target loaders`. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CRASHERS, seedInputs } from '../seeds.ts';
import { compareLoaders, type LoaderCounts } from './compare.ts';

export interface LoaderRun {
  minutes: number;
  inputs: number;
  seed: number;
  pythons: readonly string[];
}

const REPORT_MS = 5000;

/** Answers how many faults there are. */
export async function runLoaders({ minutes, inputs, seed, pythons }: LoaderRun): Promise<number> {
  const until = Date.now() + minutes * 60_000;
  let faults = 0;
  let told = 0;
  let last: LoaderCounts | null = null;
  console.log(`Seed ${seed}, the loaders of ${pythons.join(' and ')}.`);
  await compareLoaders({
    pythons,
    seed,
    // 7-Zip is started for these, and takes most of the time.
    seeds: seedInputs().filter((bytes) => !isOfSevenZip(bytes)),
    isOver: (count) => count >= inputs || Date.now() > until,
    onFault: (bytes, fault) => {
      faults += 1;
      const name = `loaders-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.bin`;
      mkdirSync(CRASHERS, { recursive: true });
      writeFileSync(join(CRASHERS, name), bytes);
      console.error(`\nClean, and ${fault}\nkept as ${name}, ${bytes.length} bytes`);
    },
    onCounts: (counts) => {
      last = structuredClone(counts);
      if (Date.now() - told < REPORT_MS) return;
      told = Date.now();
      console.log(
        `${counts.inputs} inputs, ${JSON.stringify(counts.verdicts)}, ${counts.missed} missed, ${faults} kinds`,
      );
    },
  });
  console.log(JSON.stringify(last));
  return faults;
}

function isOfSevenZip(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 6)).toString('latin1');
  return /^(7z|BZh|\xfd7zXZ|\x5d\0\0)/.test(head);
}
