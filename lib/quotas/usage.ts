import { jsonColumn, type Role, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { parseRoleQuotas, STORED_ROLE_QUOTAS } from './role-quotas.ts';
import { QUOTA, type QuotaView } from './types.ts';

/** What an administrator set for one person. */
export const OWN_QUOTA = jsonColumn('user.quota', QUOTA);

interface Row {
  role: Role;
  quota: unknown;
  roleQuotas: unknown;
  heldBytes: bigint;
  heldFiles: bigint;
  openBytes: bigint;
  openFiles: bigint;
}

/**
 * What an account has and may have, counted from what is there: the files of its models at their uploaded size, its
 * companion files and images, and what it has under way. What the service makes of a file by itself, its safetensors and
 * previews, is not counted, and a file that the catalog has already counts for whoever has it. Throws AppError
 * `not_found`.
 */
export async function readUsage(tx: Tx, userId: string): Promise<QuotaView> {
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT u.role::text AS role, u.quota, (${STORED_ROLE_QUOTAS}) AS "roleQuotas",
           files.bytes + sidecars.bytes + pictures.bytes AS "heldBytes",
           files.count + sidecars.count + pictures.count AS "heldFiles",
           uploads.bytes AS "openBytes", uploads.count + merges.count AS "openFiles"
      FROM "user" u,
      LATERAL (SELECT coalesce(sum(b.size), 0)::bigint AS bytes, count(*) AS count
                 FROM model m JOIN model_version v ON v."modelId" = m.id JOIN model_file f ON f."versionId" = v.id
                 LEFT JOIN model_part p ON p."fileId" = f.id
                 JOIN blob b ON b.sha256 = coalesce(p.sha256, f."sourceSha256") WHERE m."ownerId" = u.id) files,
      LATERAL (SELECT coalesce(sum(octet_length(s.content)), 0)::bigint AS bytes, count(*) AS count
                 FROM sidecar s WHERE s."ownerId" = u.id) sidecars,
      LATERAL (SELECT coalesce(sum(b.size), 0)::bigint AS bytes, count(*) AS count
                 FROM picture p JOIN blob b ON b.sha256 = p.sha256
                WHERE p."uploaderId" = u.id AND p.kind = 'user') pictures,
      LATERAL (SELECT coalesce(sum(o.size), 0)::bigint AS bytes, count(*) AS count
                 FROM upload o WHERE o."userId" = u.id AND o.state IN ('receiving', 'received')) uploads,
      LATERAL (SELECT count(*) AS count FROM merge g
                WHERE g."ownerId" = u.id AND g.state IN ('queued', 'running')) merges
     WHERE u.id = ${userId}`;
  if (row === undefined) throw new AppError('not_found', 'User not found.');
  const own = OWN_QUOTA.read(row.quota);
  return {
    held: { bytes: Number(row.heldBytes), files: Number(row.heldFiles) },
    underWay: { bytes: Number(row.openBytes), files: Number(row.openFiles) },
    limit: own ?? parseRoleQuotas(row.roleQuotas)[row.role],
    own,
  };
}
