import { judgePairing, matchModules } from '#scanner/identify/index.ts';
import { db } from '../../db/index.ts';
import { TENSORS } from '../../ingest/index.ts';
import type { PlanContext, PreviewHost } from '../plan/index.ts';
import type { StoredSettings } from '../settings/index.ts';
import type { LoadedSubject } from './load-subject.ts';

/** Looked at one by one; of the most used ones one fits. */
const MAX_CANDIDATES = 20;
/** Variants that render from a prompt as their base does not. */
const NO_BASES = ['inpaint', 'pix2pix', 'refiner', 'depth', 'unclip', 'fill', 'control'];

export interface BaseCandidate {
  modelId: number;
  slug: string;
  name: string;
  filename: string;
  sha256: string;
  base: string;
  family: string | null;
  variant: string | null;
  prediction: string | null;
  downloads: number;
}

/**
 * Checkpoints of a base version that adapters can be rendered on: published, converted, with all their parts, and not
 * seen to be incomplete when they were rendered themselves. The one that the operator named comes first, the others by
 * how much they are used: downloaded, merged, rendered on.
 */
export async function listBaseCandidates(base: string, settings: StoredSettings): Promise<BaseCandidate[]> {
  const named = settings.references[base] ?? 0;
  return await db().$queryRaw<BaseCandidate[]>`
    SELECT m.id AS "modelId", m.slug, m.name, f.filename, f."convertedSha256" AS sha256, m.base,
           f.identity->>'family' AS family, f.identity->>'variant' AS variant, f.identity->>'prediction' AS prediction, m.downloads
      FROM model m
      JOIN LATERAL (SELECT f.* FROM model_file f JOIN model_version v ON v.id = f."versionId"
                     WHERE v."modelId" = m.id AND f."madeFromId" IS NULL AND f.conversion = 'converted'
                       AND f."convertedSha256" IS NOT NULL ORDER BY f.id DESC LIMIT 1) f ON true
     WHERE m.base = ${base} AND m.type = 'checkpoint' AND m.published
       AND coalesce(f.identity->>'variant', '') <> ALL(${NO_BASES})
       AND coalesce(jsonb_array_length(f.identity->'absent'), 0) = 0
       AND (m.id = ${named} OR NOT EXISTS (
         SELECT 1 FROM preview p WHERE p.sha256 = f."convertedSha256" AND p.state = 'failed' AND p.code = 'load_mismatch'))
     ORDER BY m.id = ${named} DESC,
              m.downloads + (SELECT count(*) FROM preview p WHERE p."hostSha256" = f."convertedSha256")
                + (SELECT count(*) FROM merge_parent mp WHERE mp.sha256 IN (f."convertedSha256", f."sourceSha256")) DESC,
              m.id
     LIMIT ${MAX_CANDIDATES}`;
}

/**
 * The checkpoint that an adapter is rendered on, and what is to be said of the two: the named one, else the first of
 * its own family of fine-tunes, else the first that goes with it without a warning, else the first that goes with it.
 */
export async function chooseBase(
  { subject, tensors }: LoadedSubject,
  settings: StoredSettings,
): Promise<{ reference: PreviewHost | null; pairing: PlanContext['pairing'] }> {
  const candidates = await listBaseCandidates(subject.base, settings);
  const judged = candidates.map((candidate) => ({
    candidate,
    ...judgePairing(describe(subject), describe(candidate)),
  }));
  const isNamed = (candidate: BaseCandidate) => settings.references[subject.base] === candidate.modelId;
  const isSameFamily = ({ family }: BaseCandidate) => family !== null && family === subject.family;
  const fitting = judged.filter(({ fit }) => fit !== 'incompatible');
  const chosen =
    judged.find(({ candidate }) => isNamed(candidate)) ??
    fitting.find(({ candidate, warnings }) => isSameFamily(candidate) && warnings.length === 0) ??
    fitting.find(({ warnings }) => warnings.length === 0) ??
    fitting[0] ??
    judged[0];
  if (chosen === undefined) return { reference: null, pairing: { warnings: [], refusal: null } };
  const { candidate, fit, warnings } = chosen;
  const refusal =
    fit === 'incompatible'
      ? `Not compatible with the reference checkpoint “${candidate.name}”. ${warnings.join(' ')}`
      : subject.type === 'lora'
        ? await compareLayers(tensors, candidate)
        : null;
  const reference = {
    sha256: candidate.sha256,
    name: candidate.filename.replace(/\.[a-z]+$/i, ''),
    prediction: candidate.prediction ?? 'unknown',
  };
  return { reference, pairing: { warnings, refusal } };
}

function describe(one: { base: string; family: string | null; variant: string | null; prediction: string | null }) {
  const prediction = (one.prediction ?? 'unknown') as Parameters<typeof judgePairing>[0]['prediction'];
  return { base: one.base, family: one.family, variant: one.variant, prediction };
}

/** A LoRA of which hardly a layer has a place in the checkpoint would render what the checkpoint renders without it. */
async function compareLayers(tensors: LoadedSubject['tensors'], candidate: BaseCandidate): Promise<string | null> {
  const host = await db().modelFile.findFirst({
    where: { convertedSha256: candidate.sha256 },
    orderBy: { id: 'desc' },
    select: { tensors: true },
  });
  const hostTensors = TENSORS.tryRead(host?.tensors);
  if (tensors === null || hostTensors === null) return null;
  const match = matchModules({ tensors }, { tensors: hostTensors });
  if (match.fit !== 'incompatible') return null;
  return `Almost no layers match the reference checkpoint “${candidate.name}”, so the LoRA would have no effect. An administrator can set another reference checkpoint.`;
}
