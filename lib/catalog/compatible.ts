import { judgePairing, matchModules, type PairedIdentity } from '#scanner/identify/index.ts';
import type { Actor } from '../accounts/index.ts';
import { db, Prisma } from '../db/index.ts';
import { IDENTITY, TENSORS } from '../ingest/index.ts';
import type { CompatibleModels, CompatibleRow } from './types.ts';
import { requireVisible, visibleTo } from './visibility.ts';

const { sql } = Prisma;

/** Types that render pictures by themselves, and those that are put on one of them. */
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
/** Every row is compared layer by layer, a few milliseconds each. */
const MAX_ROWS = 30;

interface Candidate {
  id: number;
  slug: string;
  name: string;
  type: string;
  base: string;
  family: string | null;
  verdict: CompatibleRow['verdict'];
  identity: ReturnType<typeof IDENTITY.tryRead>;
  tensors: ReturnType<typeof TENSORS.tryRead>;
}

/**
 * What of the catalog goes with a model: the checkpoints for an adapter, the adapters for a checkpoint; the most used
 * first, 30 at most. Only models of the same base version go together. Throws AppError `not_found`.
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
    rows: rows.flatMap((row) => {
      if (own === undefined) return [];
      const found = isHost ? compare(row, own) : compare(own, row);
      const { identity: _, tensors: __, ...shown } = row;
      return found === null ? [] : [{ ...shown, ...found }];
    }),
  };
}

/** An adapter next to a checkpoint: whether it fits, by what both are and, for LoRAs, layer by layer. */
function compare(adapter: Candidate, host: Candidate): Pick<CompatibleRow, 'warnings' | 'share'> | null {
  const { fit, warnings } = judgePairing(describe(adapter), describe(host));
  if (fit === 'incompatible') return null;
  if (adapter.type !== 'lora') return { warnings, share: null };
  if (adapter.tensors === null || host.tensors === null) return { warnings, share: null };
  const match = matchModules({ tensors: adapter.tensors }, { tensors: host.tensors });
  if (match.fit === 'partial') warnings.push('Some layers do not exist in the checkpoint and are skipped.');
  if (match.fit === 'incompatible') warnings.push('Few layers match the checkpoint: little or no effect.');
  return { warnings, share: match.share };
}

function describe({ base, family, identity }: Candidate): PairedIdentity {
  return {
    base,
    family,
    variant: identity?.variant ?? null,
    prediction: identity?.prediction ?? 'unknown',
  };
}

/** Models with what identification said of their newest file. */
async function loadCandidates(where: Prisma.Sql): Promise<Candidate[]> {
  const rows = await db().$queryRaw<
    (Omit<Candidate, 'identity' | 'tensors'> & { identity: unknown; tensors: unknown })[]
  >`
    SELECT m.id, m.slug, m.name, m.type, m.base, m.family, m.verdict::text AS verdict,
           newest.identity, newest.tensors
      FROM model m
      LEFT JOIN LATERAL (SELECT f.identity, f.tensors FROM model_file f JOIN model_version v ON v.id = f."versionId"
                          WHERE v."modelId" = m.id AND f."madeFromId" IS NULL ORDER BY f.id DESC LIMIT 1) newest ON true
     WHERE ${where} ORDER BY m.downloads DESC, m.id DESC LIMIT ${MAX_ROWS}`;
  return rows.map(({ identity, tensors, ...row }) => ({
    ...row,
    identity: IDENTITY.tryRead(identity),
    tensors: TENSORS.tryRead(tensors),
  }));
}
