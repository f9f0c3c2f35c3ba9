import { describe, expect, it } from 'vitest';
import { bytesSource, DEFAULT_SCAN_LIMITS, type ScanLimits, scan } from '#scanner/index.ts';
import { EVIL2, join, latin1 } from '../../fixtures/pickles.ts';

/** A GGUF file, whose mark and version are a number to a pickle's reader. */
const gguf = (...rest: string[]) => bytesSource(join('GGUF\x03\x00\x00\x00\x00', ...rest));
const call = EVIL2.slice(2);

function scanWith(source: ReturnType<typeof gguf>, limits: Partial<ScanLimits> = {}) {
  const { verdict, findings } = scan(source, { limits });
  return { verdict, rules: findings.map(({ rule }) => rule) };
}

describe('a file read as the pickle that it is as well', () => {
  it('is dangerous where it runs something', () => {
    expect(scanWith(gguf(call)).verdict).toBe('dangerous');
  });

  it('is not called read where what it brings in stands behind what may be held in memory', () => {
    const far = gguf('B\x00\x10\x00\x00', 'x'.repeat(0x1000), call);
    expect(scanWith(far).verdict).toBe('dangerous');
    expect(scanWith(far, { pickleBytes: 100 }).rules).toContain('container/too-large');
  });

  it('is not called read where it takes too many steps', () => {
    const many = gguf('N0'.repeat(100), call);
    const pickle = { ...DEFAULT_SCAN_LIMITS.pickle, opcodes: 50 };
    expect(scanWith(many).verdict).toBe('dangerous');
    expect(scanWith(many, { pickle }).rules).toContain('container/too-large');
  });

  it.each([
    ['asks for an outside object', 'Pid\n'],
    ['asks for a numbered object', '\x82\x01'],
    ['asks for a buffer', '\x97'],
    ['calls a number', 'N)R'],
    ['puts an entry into a number', 'K\x01K\x02K\x03s'],
    ['sets attributes of a list', ']}b'],
    ['names by a number', 'K\x01K\x01\x93'],
    ['is of a protocol that does not exist', '\x80\x06'],
    ['ends a list that never began', 't'],
    ['gets what was never put', 'h\x07'],
    ['has a section that is longer than itself', '\x95\xff\xff\x00\x00\x00\x00\x00\x00'],
  ])('says nothing of what stands behind an error of Python: %s', (_, error) => {
    expect(scanWith(gguf(error, '0', call)).rules).toEqual(['gguf/malformed']);
  });

  it('reads a line that is longer than its window', () => {
    expect(scanWith(gguf('V', 'x'.repeat(10_000), '\n0', call)).verdict).toBe('dangerous');
    const lines = latin1(`GGUF\x03\x00\x00\x00\x00V${'x'.repeat(5000)}`);
    expect(scanWith(bytesSource(lines)).rules).toEqual(['gguf/malformed']);
  });
});
