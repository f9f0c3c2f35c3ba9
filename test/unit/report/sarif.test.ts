import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, type ReportedFile, RULES, reportSarif, scan } from '#scanner/index.ts';
import { folderUri, locationOf } from '#scanner/report/locations.ts';
import { BOMBS, CALLS, HIDDEN_NAMES, latin1, STREAMS } from '../../fixtures/pickles.ts';
import { BENIGN, CONTAINERS } from '../../fixtures/scan-cases.ts';
import { breaksOfGithub, type GithubSarif } from '../../support/github-sarif.ts';
import { isSarif } from '../../support/sarif-schema.ts';

interface Sarif extends GithubSarif {
  runs: (GithubSarif['runs'][number] & {
    results: {
      ruleIndex: number;
      locations: { physicalLocation: { artifactLocation: { index: number }; region: { byteOffset?: number } } }[];
    }[];
  })[];
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
    expect(breaksOfGithub(sarifOf(ALL))).toEqual([]);
    expect(breaksOfGithub(sarifOf([]))).toEqual([]);
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
    const prints = results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    expect(new Set(prints).size).toBe(results.length);
  });

  it('lists clean files too, without a result', () => {
    const run = runOf(caseNamed('Z01-sd-zip'));
    expect(run.results).toEqual([]);
    expect(run.artifacts).toMatchObject([{ location: { uri: 'models/Z01-sd-zip' }, properties: { verdict: 'clean' } }]);
  });

  it('gives an offset in the file itself, and names the member of an archive in the message', () => {
    const plain = runOf(caseNamed('A02-global-reduce-p2')).results[0];
    expect(plain).toMatchObject({
      ruleId: 'pickle/global-dangerous',
      level: 'error',
      locations: [{ physicalLocation: { region: { startLine: 1, byteOffset: 2 } } }],
    });
    const run = runOf(caseNamed('F01-zip-evil'));
    expect(run.artifacts).toMatchObject([{ location: { uri: 'models/F01-zip-evil' } }]);
    const inside = run.results[0];
    const { artifactLocation, region } = inside?.locations[0]?.physicalLocation ?? {};
    expect(artifactLocation).toEqual({ uri: 'models/F01-zip-evil', uriBaseId: '%SRCROOT%', index: 0 });
    expect(region).not.toHaveProperty('byteOffset');
    expect(inside?.message.text).toMatch(/^archive\/data\.pkl: /);
    expect(inside?.properties).toMatchObject({ member: 'archive/data.pkl', offset: 2 });
    expect(inside?.locations[0]?.logicalLocations).toMatchObject([{ fullyQualifiedName: 'archive/data.pkl' }]);
  });

  it.each([
    ['/srv/a b/ü#?%.pt', 'a%20b/%C3%BC%23%3F%25.pt'],
    ['a:b\u001b.pt', 'a%3Ab%1B.pt'],
    ['/elsewhere/x y.pt', 'file:///elsewhere/x%20y.pt'],
    ['/srv2/x.pt', 'file:///srv2/x.pt'],
    ['/srv/..hidden/x.pt', '..hidden/x.pt'],
    ['/srv/\ud800.pt', '%ED%A0%80.pt'],
    ['/srv/\udc00\ud800x.pt', '%ED%B0%80%ED%A0%80x.pt'],
    ['/srv/models\\evil.pt', 'models%5Cevil.pt'],
    ['./models//sub/../evil.pt', 'models/evil.pt'],
    ['/elsewhere/a#b?%.pt', 'file:///elsewhere/a%23b%3F%25.pt'],
  ])('writes the path %j as %s', (path, uri) => {
    const [file] = caseNamed('A02-global-reduce-p2');
    const sarif = sarifOf([{ ...file!, path }]);
    expect(sarif.runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(uri);
    expect(isSarif(sarif), JSON.stringify(isSarif.errors)).toBe(true);
  });

  it.each([
    ['C:\\srv\\models\\evil #1.pt', 'models/evil%20%231.pt'],
    ['models\\sub/evil.pt', 'models/sub/evil.pt'],
    ['D:\\x y\\evil.pt', 'file:///D:/x%20y/evil.pt'],
    ['\\\\server\\share\\evil.pt', 'file://server/share/evil.pt'],
  ])('writes the Windows path %j as %s', (path, uri) => {
    expect(locationOf(path, 'C:\\srv', true).uri).toBe(uri);
    expect(folderUri('C:\\srv', true)).toBe('file:///C:/srv/');
  });

  it('never gives two files, whatever they are called, the same location or fingerprint', () => {
    const [evil] = caseNamed('F01-zip-evil');
    const unit = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a', ' ', '#', '%', '%20', '\\', '..', '\ud800'),
    );
    const name = fc
      .array(unit, { minLength: 1, maxLength: 4 })
      .map((parts) => `${parts.join('').replace(/[/\0]/g, '')}x`);
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 2, maxLength: 6 }), (paths) => {
        const sarif = sarifOf(paths.map((one) => ({ ...evil!, path: one })));
        const { results, artifacts } = sarif.runs[0]!;
        expect(breaksOfGithub(sarif)).toEqual([]);
        expect(new Set(artifacts.map(({ location }) => location.uri)).size).toBe(paths.length);
        const uris = results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri);
        expect(new Set(uris).size).toBe(paths.length);
        const prints = results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
        expect(new Set(prints).size).toBe(results.length);
      }),
      { numRuns: 200 },
    );
  });

  it('reports a file once that is reached by several paths, by the path that is no link', () => {
    const [evil] = caseNamed('F01-zip-evil');
    const linked = { ...evil!, path: 'links/evil.pt', realPath: '/srv/models/F01-zip-evil' };
    const elsewhere = { ...evil!, path: 'links/other.pt', realPath: '/elsewhere/other.pt' };
    const { results, artifacts } = runOf([linked, evil!, elsewhere]);
    const alone = runOf([evil!]).results;
    expect(results.slice(0, alone.length)).toEqual(alone);
    expect(results).toHaveLength(2 * alone.length);
    expect(artifacts.map(({ location }) => location.uri)).toEqual(['models/F01-zip-evil', 'links/other.pt']);
  });

  it('holds no placeholder, link or control character that a name in a file made', () => {
    const [evil] = caseNamed('F01-zip-evil');
    const finding = { ...evil!.report.findings[0]!, where: { member: '{0} [click](https://evil.example)\u202e\n' } };
    const { results } = runOf([{ ...evil!, report: { ...evil!.report, findings: [finding] } }]);
    expect(results[0]?.message.text).toMatch(
      /^\{\{0\}\} \[click\] \(https:\/\/evil\.example\)\\u\{\{202e\}\}\\u\{\{a\}\}: /,
    );
  });

  it('of very many findings keeps the most severe, and says how many are left out', () => {
    const [evil] = caseNamed('F01-zip-evil');
    const suspicious = { rule: 'pickle/global-unknown' as const, severity: 'suspicious' as const, message: 'Odd.' };
    const findings = Array.from({ length: 6500 }, (_, at) => ({ ...suspicious, global: `a.b${at}` }));
    const heaviest = evil!.report.findings[0]!;
    const files = ['a', 'b', 'c', 'd'].map((path) => ({
      path,
      report: { ...evil!.report, findings: [...findings, heaviest] },
    }));
    const sarif = sarifOf(files);
    expect(breaksOfGithub(sarif)).toEqual([]);
    const [run] = sarif.runs;
    expect(run?.results).toHaveLength(25_000);
    expect(run?.results.slice(0, 5).map(({ level }) => level)).toEqual([...Array(4).fill('error'), 'warning']);
    expect(run?.invocations[0]?.toolExecutionNotifications[0]?.message.text).toMatch(
      /^Not listed: results: 1004, files: 0\./,
    );
  });

  it('stays below the size of an upload, though names in a file do not compress', () => {
    const [evil] = caseNamed('F01-zip-evil');
    const findings = Array.from({ length: 9000 }, () => ({
      ...evil!.report.findings[0]!,
      call: randomBytes(1500).toString('base64'),
    }));
    const sarif = sarifOf([
      { path: 'a', report: { ...evil!.report, findings: [] } },
      { path: 'b', report: { ...evil!.report, findings } },
    ]);
    expect(breaksOfGithub(sarif)).toEqual([]);
    expect(isSarif(sarif)).toBe(true);
    const [run] = sarif.runs;
    expect(run?.results.length).toBe(4500);
    expect(run?.artifacts[run.results[0]!.locations[0]!.physicalLocation.artifactLocation.index]?.location.uri).toBe(
      'b',
    );
    expect(run?.invocations[0]?.toolExecutionNotifications[0]?.message.text).toMatch(
      /^Not listed: results: 4500, files: 1\./,
    );
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
