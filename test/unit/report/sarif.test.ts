import { describe, expect, it } from 'vitest';
import { bytesSource, type ReportedFile, RULES, reportSarif, scan } from '#scanner/index.ts';
import { BOMBS, CALLS, HIDDEN_NAMES, latin1, STREAMS } from '../../fixtures/pickles.ts';
import { BENIGN, CONTAINERS } from '../../fixtures/scan-cases.ts';
import { isSarif } from '../../support/sarif-schema.ts';

interface Sarif {
  version: string;
  runs: {
    tool: { driver: { rules: { id: string; help: { text: string } }[] } };
    invocations: { executionSuccessful: boolean; toolExecutionNotifications: object[] }[];
    artifacts: { location: { uri: string }; parentIndex?: number }[];
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      locations: {
        physicalLocation: { artifactLocation: { uri: string; index: number }; region?: { byteOffset: number } };
        logicalLocations?: { fullyQualifiedName: string }[];
      }[];
      relatedLocations?: {
        physicalLocation: { artifactLocation: { index: number }; region?: { byteOffset: number } };
      }[];
      partialFingerprints: Record<string, string>;
    }[];
  }[];
}

type Case = readonly [string, string | Uint8Array, string, string?];
const scanCase = ([id, bytes, , name]: Case): ReportedFile => ({
  path: `/srv/models/${id}`,
  report: scan(bytesSource(typeof bytes === 'string' ? latin1(bytes) : bytes), name ? { name } : {}),
});
const ALL = ([...CALLS, ...HIDDEN_NAMES, ...STREAMS, ...BOMBS, ...CONTAINERS, ...BENIGN] as Case[]).map(scanCase);
const sarifOf = (files: ReportedFile[], root = '/srv') => reportSarif(files, '1.2.3', root) as Sarif;
const runOf = (files: ReportedFile[], root?: string) => {
  const [run] = sarifOf(files, root).runs;
  if (run === undefined) throw new Error('no run');
  return run;
};
const caseNamed = (name: string) => ALL.filter(({ path }) => path === `/srv/models/${name}`);

describe('SARIF', () => {
  it('of every case is valid by the official schema', () => {
    expect(isSarif(sarifOf(ALL)), JSON.stringify(isSarif.errors)).toBe(true);
    expect(isSarif(sarifOf([]))).toBe(true);
  });

  it('would be found out by that schema where it is not', () => {
    const broken = JSON.parse(JSON.stringify(sarifOf(caseNamed('A02-global-reduce-p2'))));
    broken.runs[0].results[0].level = 'dangerous';
    expect(isSarif(broken)).toBe(false);
  });

  it('points from each result to its rule, its file and a fingerprint of its own', () => {
    const { tool, results, artifacts } = runOf(ALL);
    expect(tool.driver.rules.map(({ id }) => id)).toEqual([...RULES.keys()]);
    for (const { ruleId, ruleIndex, locations } of results) {
      expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      const { uri, index } = locations[0]?.physicalLocation.artifactLocation ?? { uri: '', index: -1 };
      expect(artifacts[index]?.location.uri).toBe(uri);
    }
    const prints = results.map(({ locations, partialFingerprints }) => {
      const index = locations[0]?.physicalLocation.artifactLocation.index ?? -1;
      return JSON.stringify([artifacts[index]?.parentIndex ?? index, partialFingerprints]);
    });
    expect(new Set(prints).size).toBe(results.length);
  });

  it('lists clean files too, without a result', () => {
    const run = runOf(caseNamed('Z01-sd-zip'));
    expect(run.results).toEqual([]);
    expect(run.artifacts).toMatchObject([{ location: { uri: 'models/Z01-sd-zip' }, properties: { verdict: 'clean' } }]);
  });

  it('gives an offset in the file itself, or in the member that it is about', () => {
    const plain = runOf(caseNamed('A02-global-reduce-p2')).results[0];
    expect(plain).toMatchObject({
      ruleId: 'pickle/global-dangerous',
      level: 'error',
      locations: [{ physicalLocation: { region: { byteOffset: 2 } } }],
    });
    const run = runOf(caseNamed('F01-zip-evil'));
    const inside = run.results[0];
    const { artifactLocation, region } = inside?.locations[0]?.physicalLocation ?? {};
    expect(region).toEqual({ byteOffset: 2 });
    expect(artifactLocation?.uri).toBe('archive/data.pkl');
    expect(run.artifacts[artifactLocation?.index ?? -1]).toEqual({
      location: { uri: 'archive/data.pkl' },
      parentIndex: 0,
    });
    expect(inside?.locations[0]?.logicalLocations).toMatchObject([{ fullyQualifiedName: 'archive/data.pkl' }]);
    expect(inside?.relatedLocations?.[0]?.physicalLocation.artifactLocation).toMatchObject({
      uri: 'models/F01-zip-evil',
      index: 0,
    });
  });

  it.each([
    ['/srv/a b/ü#?%.pt', 'a%20b/%C3%BC%23%3F%25.pt'],
    ['a:b\u001b.pt', 'a%3Ab%1B.pt'],
    ['/elsewhere/x y.pt', 'file:///elsewhere/x%20y.pt'],
    ['/srv2/x.pt', 'file:///srv2/x.pt'],
    ['/srv/..hidden/x.pt', '..hidden/x.pt'],
    ['/srv/\ud800.pt', '%EF%BF%BD.pt'],
  ])('writes the path %j as %s', (path, uri) => {
    const [file] = caseNamed('A02-global-reduce-p2');
    const sarif = sarifOf([{ ...file!, path }]);
    expect(sarif.runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(uri);
    expect(isSarif(sarif), JSON.stringify(isSarif.errors)).toBe(true);
  });

  it('keeps the fingerprint when bytes move and other findings come', () => {
    const scanned = (pickle: string) => runOf([{ path: 'a', report: scan(bytesSource(latin1(pickle))) }]).results;
    const before = scanned('\x80\x02cos\nsystem\nX\x01\x00\x00\x00x\x85R.');
    const after = scanned('\x80\x02cmy_pkg\nThing\n0cos\nsystem\nX\x01\x00\x00\x00x\x85R.');
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.map(({ partialFingerprints }) => partialFingerprints)).toContainEqual(before[0]?.partialFingerprints);
  });

  it('says that the run failed where a file could not be read', () => {
    const report = {
      ...ALL[0]!.report,
      findings: [{ rule: 'file/unreadable' as const, severity: 'incomplete' as const, message: 'Permission denied.' }],
    };
    const sarif = sarifOf([{ path: 'a', report }]);
    expect(sarif.runs[0]?.invocations).toMatchObject([
      { executionSuccessful: false, toolExecutionNotifications: [{ descriptor: { id: 'file/unreadable' } }] },
    ]);
    expect(isSarif(sarif)).toBe(true);
  });
});
