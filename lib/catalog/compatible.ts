import type { Actor } from '../accounts/index.ts';
import { db, Prisma } from '../db/index.ts';
import type { CompatibleModels, CompatibleRow } from './types.ts';
import { requireVisible, visibleTo } from './visibility.ts';

const { sql } = Prisma;

/** Types that draw pictures by themselves, and those that are put on one of them. */
const HOSTS: readonly string[] = ['checkpoint', 'diffusion-model'];
const ADAPTERS: readonly string[] = [
  'lora',
  'embedding',
  'hypernetwork',
  'vae',
  'controlnet',
  't2i-adapter',
  'ip-adapter',
  'motion-module',
];
const MAX_ROWS = 50;

interface Candidate {
  id: number;
  slug: string;
  name: string;
  type: string;
  base: string;
  family: string | null;
  verdict: CompatibleRow['verdict'];
  identity: { prediction?: string; variant?: string | null } | null;
}

/**
 * What of the catalog goes with a model: the checkpoints for an adapter, the adapters for a checkpoint; the most used
 * first, 50 at most. Only models of the same base version go together. Throws AppError `not_found`.
 */
export async function findCompatible(actor: Actor | null, modelId: number): Promise<CompatibleModels> {
  const model = await db().model.findUnique({ where: { id: modelId } });
  requireVisible(actor, model, 'model');
  const isHost = HOSTS.includes(model.type);
  if (!isHost && !ADAPTERS.includes(model.type)) return { rows: [], total: 0, role: null };
  const role = isHost ? 'host' : 'adapter';
  if (model.base === 'unknown') return { rows: [], total: 0, role };

  const where = sql`${visibleTo(actor)} AND m.base = ${model.base}
    AND m.type = ANY(${isHost ? ADAPTERS : HOSTS}) AND m.verdict IN ('clean', 'suspicious', 'dangerous') AND m.published`;
  const [[own], rows, [totals]] = await Promise.all([
    loadCandidates(sql`m.id = ${modelId}`),
    loadCandidates(where),
    db().$queryRaw<{ count: bigint }[]>`SELECT count(*) AS count FROM model m WHERE ${where}`,
  ]);
  return {
    role,
    total: Number(totals?.count ?? 0),
    rows: rows.map(({ identity, ...row }) => ({
      ...row,
      warnings: own === undefined ? [] : warnAbout(own, { ...row, identity }),
    })),
  };
}

/** What loads and may still disappoint: a family's pictures come from its own training, a prediction from its schedule. */
function warnAbout(one: Candidate, other: Candidate): string[] {
  const warnings: string[] = [];
  if (one.family !== null && other.family !== null && one.family !== other.family)
    warnings.push('It comes from another line of fine-tunes: it loads, and the pictures are often worse.');
  const predictions = [one, other].map(({ identity }) => identity?.prediction ?? 'unknown');
  if (!predictions.includes('unknown') && predictions[0] !== predictions[1])
    warnings.push(`One predicts ${predictions[0]}, the other ${predictions[1]}: expect wrong colours or contrast.`);
  return warnings;
}

/** Models with what identification said of their newest file. */
function loadCandidates(where: Prisma.Sql): Promise<Candidate[]> {
  return db().$queryRaw<Candidate[]>`
    SELECT m.id, m.slug, m.name, m.type, m.base, m.family, m.verdict::text AS verdict,
           (SELECT f.identity FROM model_file f JOIN model_version v ON v.id = f."versionId"
             WHERE v."modelId" = m.id ORDER BY f.id DESC LIMIT 1) AS identity
      FROM model m WHERE ${where} ORDER BY m.downloads DESC, m.id DESC LIMIT ${MAX_ROWS}`;
}
