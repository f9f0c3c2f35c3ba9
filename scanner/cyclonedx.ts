import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import {
  LOADER_NAMES,
  locationOf,
  type ReportedFile,
  RULES_VERSION,
  type ScanReport,
  type Verdict,
} from './report/index.ts';

/** One scanned file with its digests; without any where it could not be read. */
export interface HashedReport extends ReportedFile {
  hashes?: { sha256: string; blake3: string };
}

const SCANNER = 'weighhouse';
const REQUIREMENT = 'requirement:safe-to-load';

/** How a verdict meets the requirement, from 0 to 1. What is not known to be safe does not meet it. */
const SCORES: Readonly<Record<Verdict, number>> = {
  clean: 1,
  suspicious: 0,
  malformed: 0,
  incomplete: 0,
  dangerous: 0,
};

/**
 * The report as a CycloneDX 1.6 ML-BOM: a component for each file, and a declaration in which the scanner attests what
 * it found in it. Files have names relative to `root`; one that is given twice is listed once.
 */
export function reportCycloneDx(files: readonly HashedReport[], scannerVersion: string, root: string): object {
  const located = new Map(files.map((file) => [locationOf(file.path, root).uri, file]));
  const described = [...located].map(([uri, file]) => describeFile(uri, file));
  const now = new Date().toISOString();
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: now,
      lifecycles: [{ phase: 'post-build' }],
      tools: {
        components: [{ type: 'application', 'bom-ref': `tool:${SCANNER}`, name: SCANNER, version: scannerVersion }],
      },
    },
    components: described.map(({ component }) => component),
    definitions: {
      standards: [
        {
          'bom-ref': 'standard:weighhouse-rules',
          name: 'Weighhouse rules',
          version: RULES_VERSION,
          requirements: [
            {
              'bom-ref': REQUIREMENT,
              identifier: 'safe-to-load',
              title: 'Safe to load',
              text: 'Every program that loads models reads only what model weights need in the file, and runs no code of it.',
            },
          ],
        },
      ],
    },
    declarations: {
      assessors: [{ 'bom-ref': 'assessor', thirdParty: false, organization: { name: 'Weighhouse' } }],
      attestations: described.map(({ attestation }) => attestation),
      claims: described.map(({ claim }) => claim),
      evidence: described.flatMap(({ evidence }) => evidence.map((one) => ({ ...one, created: now }))),
    },
  };
}

function describeFile(uri: string, file: HashedReport) {
  const { path, report, hashes } = file;
  const { verdict } = report;
  const ref = `file:${uri}`;
  const claimRef = `claim:${uri}`;
  const name = uri.startsWith('file:') ? basename(path) : decodePath(uri);
  const evidence = report.findings.map(({ rule, severity, where, global, call, message }, at) => ({
    'bom-ref': `evidence:${at}:${uri}`,
    propertyName: rule,
    description: message.toWellFormed(),
    data: [
      {
        name: 'finding',
        contents: {
          attachment: {
            contentType: 'application/json',
            content: JSON.stringify({ rule, severity, where, global, call, message }),
          },
        },
      },
    ],
  }));
  const claim = {
    'bom-ref': claimRef,
    target: ref,
    predicate: `The verdict of the scan is ${verdict}.`,
    reasoning: `${report.findings.length} findings by the rules of ${report.rules}.`,
    ...(evidence.length > 0 && { evidence: evidence.map((one) => one['bom-ref']) }),
  };
  const attestation = {
    summary: `${name}: ${verdict}`,
    assessor: 'assessor',
    map: [
      {
        requirement: REQUIREMENT,
        [verdict === 'clean' ? 'claims' : 'counterClaims']: [claimRef],
        conformance: { score: SCORES[verdict], rationale: claim.predicate },
      },
    ],
  };
  const component = {
    type: 'machine-learning-model',
    'bom-ref': ref,
    name,
    ...(hashes && {
      hashes: [
        { alg: 'SHA-256', content: hashes.sha256 },
        { alg: 'BLAKE3', content: hashes.blake3 },
      ],
    }),
    ...(file.base !== undefined &&
      file.base !== 'unknown' && { modelCard: { modelParameters: { architectureFamily: file.base } } }),
    properties: propertiesOf(report, file),
    evidence: { occurrences: [{ location: uri }] },
  };
  return { component, attestation, claim, evidence };
}

function propertiesOf(report: ScanReport, { type, base }: ReportedFile): { name: string; value: string }[] {
  const facts: Readonly<Record<string, string | undefined>> = {
    verdict: report.verdict,
    format: report.container,
    size: String(report.size),
    rules: report.rules,
    tensors: report.tensors === null ? undefined : String(report.tensors),
    type,
    base,
  };
  const single = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: `weighhouse:${name}`, value }],
  );
  const readings = (report.readings ?? []).map(({ loader, verdict }) => ({
    name: 'weighhouse:reading',
    value: `${LOADER_NAMES[loader]}: ${verdict}`,
  }));
  return [...single, ...readings];
}

function decodePath(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
