import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Entry {
  integrity?: string;
  resolved?: string;
  link?: boolean;
}

const path = join(import.meta.dirname, '..', '..', '..', 'package-lock.json');
const { packages } = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> };
const entries = Object.entries(packages).filter(([place, { link }]) => place !== '' && !link);
const named = (fault: (entry: Entry) => boolean) => entries.filter(([, entry]) => fault(entry)).map(([place]) => place);

it('every package has a digest, so that none is installed unchecked (scripts/complete-lock.mjs adds them)', () => {
  expect(entries.length).toBeGreaterThan(100);
  expect(named(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
});

it('no package is bound to the host it came from', () => {
  expect(named(({ resolved }) => resolved !== undefined)).toEqual([]);
});
