import { describe, expect, it } from 'vitest';
import { type UnpackFailure, unpackMembers, unpackStream } from '#scanner/containers/index.ts';
import { bytesSource, DEFAULT_SCAN_LIMITS, scan } from '#scanner/index.ts';
import { lz4Frame, packWithSevenZip } from '../../fixtures/packed.ts';
import { EVIL2, latin1 } from '../../fixtures/pickles.ts';

const EVIL = latin1(EVIL2);
const LATER = () => Date.now() + 60_000;
const ZEROS = new Uint8Array(8 * 1024 * 1024);

describe('an archive that 7-Zip opens', () => {
  const evil = packWithSevenZip('7z', EVIL);

  it('gives every member as it is, and leaves the process as it was', () => {
    const members: [string, Uint8Array, boolean][] = [];
    const exitCode = process.exitCode;
    const limits = { memberBytes: 1000, totalBytes: 1000, deadline: LATER() };
    expect(unpackMembers(bytesSource(evil), limits, (...member) => members.push(member))).toEqual([]);
    expect(members.map(([name, bytes, whole]) => [name, Buffer.from(bytes), whole])).toEqual([
      ['m.pkl', Buffer.from(EVIL), true],
    ]);
    expect(process.exitCode).toBe(exitCode);
  });

  it.each([
    ['too large a member', { memberBytes: 1000, totalBytes: 1e9 }, 'too-large', 1000],
    ['too much in all', { memberBytes: 1e9, totalBytes: 1000 }, 'too-large', 1],
    ['too little time', { memberBytes: 1e9, totalBytes: 1e9, deadline: 0 }, 'out-of-time', 0],
  ] as const)('stops at its limits: %s', (_, limits, failure: UnpackFailure, atLeast) => {
    let kept = 0;
    const failures = unpackMembers(
      bytesSource(packWithSevenZip('7z', ZEROS)),
      { deadline: LATER(), ...limits },
      (__, bytes, whole) => {
        expect(whole).toBe(false);
        kept += bytes.length;
      },
    );
    expect(failures).toEqual([failure]);
    expect(kept).toBeGreaterThanOrEqual(atLeast);
    expect(kept).toBeLessThan(ZEROS.length);
  });

  it.each(['7z', 'xz', 'bzip2'] as const)('is never clean wherever it is cut or changed (%s)', (type) => {
    const packed = packWithSevenZip(type, EVIL);
    for (let at = 6; at < packed.length; at += 5) {
      expect(scan(bytesSource(packed.subarray(0, at))).verdict).not.toBe('clean');
      expect(scan(bytesSource(packed.with(at, (packed[at] ?? 0) ^ 0x41))).verdict).not.toBe('clean');
    }
  });

  it('does not call a beginning broken that is only too large', () => {
    const limits = { memberBytes: 1024 * 1024 };
    for (const packed of [packWithSevenZip('7z', ZEROS), packWithSevenZip('xz', ZEROS)]) {
      expect(scan(bytesSource(packed), { limits }).verdict).toBe('incomplete');
    }
    expect(DEFAULT_SCAN_LIMITS.memberBytes).toBeGreaterThan(limits.memberBytes);
  });
});

describe('a frame of LZ4', () => {
  it('repeats what it has just written', () => {
    const { bytes, failure } = unpackStream(bytesSource(lz4Frame(EVIL, '\x2fab\x02\x00\x05\x10z')), 1000);
    expect(Buffer.from(bytes).toString()).toBe(`${'ab'.repeat(13)}z`);
    expect(failure).toBeNull();
  });

  it.each([
    ['looks back before its beginning', '\x1fa\x09\x00\x00', 'a'],
    ['ends in a length', '\xf0\xff', ''],
    ['ends in a distance', '\x10a\x01', 'a'],
  ])('keeps what came before a block that %s', (_, block, kept) => {
    const { bytes, failure } = unpackStream(bytesSource(lz4Frame(EVIL, block)), 1000);
    expect([Buffer.from(bytes).toString(), failure]).toEqual([kept, 'broken']);
  });

  it('stops at its limit', () => {
    const { bytes, failure } = unpackStream(
      bytesSource(lz4Frame(EVIL, `\x1fa\x01\x00${'\xff'.repeat(200)}\x00`)),
      1000,
    );
    expect([bytes.length, failure]).toEqual([1000, 'too-large']);
  });
});
