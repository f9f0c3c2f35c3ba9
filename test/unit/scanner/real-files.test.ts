import { describe, expect, it } from 'vitest';
import { bytesSource, scan } from '#scanner/index.ts';
import { mayBe, realFiles } from '#test/fixtures/real-files.ts';

const files = realFiles();

describe('files that real libraries wrote', () => {
  it.each(files.map((file) => [file.name, file] as const))('%s', (name, file) => {
    const { verdict, findings } = scan(bytesSource(file.bytes), { name });
    expect({ verdict: mayBe(file).includes(verdict) ? 'good' : verdict, findings }).toMatchObject({ verdict: 'good' });
  });

  it('are of many kinds', () => {
    expect(files.length).toBeGreaterThan(150);
    expect(files.filter(({ must }) => must === 'clean').length).toBeGreaterThan(60);
  });
});
