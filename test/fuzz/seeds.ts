import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFiles } from '../fixtures/corpus.ts';

/** Inputs that once made a reader fail, kept so that it never does again. */
export const CRASHERS = join(import.meta.dirname, '..', 'fixtures', 'fuzz');

export function readCrashers(): { name: string; bytes: Uint8Array }[] {
  return readdirSync(CRASHERS)
    .filter((name) => name.endsWith('.bin'))
    .map((name) => ({ name, bytes: readFileSync(join(CRASHERS, name)) }));
}

/** What every other input is made of: the whole corpus, and what was found before. */
export function seedInputs(): Uint8Array[] {
  return [...corpusFiles().map(({ bytes }) => bytes), ...readCrashers().map(({ bytes }) => bytes)];
}
