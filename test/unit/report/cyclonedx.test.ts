import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, type HashedReport, reportCycloneDx, scan } from '#scanner/index.ts';
import { BOMBS, CALLS, HIDDEN_NAMES, latin1, STREAMS } from '../../fixtures/pickles.ts';
import { BENIGN, CONTAINERS } from '../../fixtures/scan-cases.ts';
import { isCycloneDx } from '../../support/cyclonedx-schema.ts';

interface Bom {
  components: { 'bom-ref': string; name: string; type: string; hashes?: object[]; properties: object[] }[];
  declarations: {
    attestations: { map: { claims?: string[]; counterClaims?: string[]; conformance: { score: number } }[] }[];
    claims: { 'bom-ref': string; target: string; evidence?: string[] }[];
    evidence: { 'bom-ref': string; propertyName: string }[];
  };
}

type Case = readonly [string, string | Uint8Array, string, string?];
const hashes = { sha256: 'a'.repeat(64), blake3: 'b'.repeat(64) };
const ALL = ([...CALLS, ...HIDDEN_NAMES, ...STREAMS, ...BOMBS, ...CONTAINERS, ...BENIGN] as Case[]).map(
  ([id, bytes, , name]): HashedReport => ({
    path: `/srv/models/${id}`,
    report: scan(bytesSource(typeof bytes === 'string' ? latin1(bytes) : bytes), name ? { name } : {}),
    hashes,
  }),
);
const bomOf = (files: readonly HashedReport[]) => reportCycloneDx(files, '1.2.3', '/srv') as Bom;
const caseNamed = (name: string) => ALL.filter(({ path }) => path === `/srv/models/${name}`);

/** Every bom-ref, and every place that refers to one. */
function refsOf({ components, declarations: { attestations, claims, evidence } }: Bom) {
  const refs = [...components, ...claims, ...evidence].map((one) => one['bom-ref']);
  const used = [
    ...attestations.flatMap(({ map }) => map.flatMap((one) => [...(one.claims ?? []), ...(one.counterClaims ?? [])])),
    ...claims.flatMap((claim) => [claim.target, ...(claim.evidence ?? [])]),
  ];
  return { refs, used };
}

describe('CycloneDX', () => {
  it('of every case is valid by the schema of 1.6, with references that lead somewhere', () => {
    const bom = bomOf(ALL);
    expect(isCycloneDx(bom), JSON.stringify(isCycloneDx.errors)).toBe(true);
    expect(isCycloneDx(bomOf([]))).toBe(true);
    const { refs, used } = refsOf(bom);
    expect(new Set(refs).size).toBe(refs.length);
    expect(used.filter((ref) => !refs.includes(ref))).toEqual([]);
    expect(bom.components).toHaveLength(ALL.length);
  });

  it('would be found out by that schema where it is not', () => {
    const bom = bomOf(caseNamed('Z01-sd-zip'));
    bom.components[0]!.type = 'model';
    expect(isCycloneDx(bom)).toBe(false);
  });

  it('attests the verdict of each file, with its findings as evidence', () => {
    const clean = bomOf(caseNamed('Z01-sd-zip'));
    expect(clean.components).toMatchObject([
      {
        type: 'machine-learning-model',
        name: 'models/Z01-sd-zip',
        hashes: [{ alg: 'SHA-256', content: hashes.sha256 }, { alg: 'BLAKE3' }],
        properties: expect.arrayContaining([
          { name: 'weighhouse:verdict', value: 'clean' },
          { name: 'weighhouse:format', value: 'torch-zip' },
        ]),
      },
    ]);
    expect(clean.declarations.attestations[0]?.map).toMatchObject([
      { claims: [expect.anything()], conformance: { score: 1 } },
    ]);
    const evil = bomOf(caseNamed('F01-zip-evil')).declarations;
    expect(evil.attestations[0]?.map).toMatchObject([
      { counterClaims: [expect.anything()], conformance: { score: 0 } },
    ]);
    expect(evil.attestations[0]?.map[0]).not.toHaveProperty('claims');
    expect(evil.evidence[0]).toMatchObject({ propertyName: 'pickle/global-dangerous' });
  });

  it('lists a file once, and is valid whatever files are called', () => {
    const [evil] = caseNamed('F01-zip-evil');
    const path = fc.string({ unit: 'binary', minLength: 1 }).map((name) => `/srv/${name.replaceAll('\0', '')}x`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 2, maxLength: 5 }), (paths) => {
        const bom = bomOf([...paths, ...paths].map((one) => ({ ...evil!, path: one })));
        expect(isCycloneDx(bom), JSON.stringify(isCycloneDx.errors)).toBe(true);
        const { refs } = refsOf(bom);
        expect(new Set(refs).size).toBe(refs.length);
        expect(JSON.stringify(bom).isWellFormed()).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('has no hashes of what could not be read', () => {
    const { hashes: _, ...unread } = ALL[0]!;
    const bom = bomOf([unread]);
    expect(bom.components[0]).not.toHaveProperty('hashes');
    expect(isCycloneDx(bom)).toBe(true);
  });
});
