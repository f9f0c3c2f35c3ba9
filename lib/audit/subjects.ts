import { Prisma } from '../db/index.ts';

const { sql } = Prisma;

/** The newest model that has a file with these bytes as its safetensors. */
const modelOfConverted = (sha256: Prisma.Sql) => sql`(
  SELECT m.id, m.name FROM model_file f
    JOIN model_version v ON v.id = f."versionId" JOIN model m ON m.id = v."modelId"
   WHERE f."convertedSha256" = ${sha256} ORDER BY f.id DESC LIMIT 1)`;

/** Ids that are numbers in the database; what is none names nothing. */
const numbers = (ids: readonly string[]) =>
  ids.map(Number).filter((id) => Number.isInteger(id) && id > 0 && id <= 0x7fff_ffff);

/**
 * What the audit log speaks of. For each kind the query that finds, for ids, the name of each that is still there and the
 * model that it belongs to: rows of `id` (text), `name` and `modelId`.
 */
const SUBJECTS = {
  user: (ids) => sql`
    SELECT id, name || ' (' || email || ')' AS name, NULL::int AS "modelId" FROM "user" WHERE id = ANY(${ids})`,
  invitation: (ids) => sql`
    SELECT id, coalesce('for ' || email, 'for anybody') AS name, NULL::int AS "modelId"
      FROM invitation WHERE id = ANY(${ids})`,
  token: (ids) => sql`SELECT id, name, NULL::int AS "modelId" FROM api_token WHERE id = ANY(${ids})`,
  model: (ids) => sql`SELECT id::text AS id, name, id AS "modelId" FROM model WHERE id = ANY(${numbers(ids)})`,
  file: (ids) => sql`
    SELECT f.id::text AS id, f.filename AS name, v."modelId"
      FROM model_file f JOIN model_version v ON v.id = f."versionId" WHERE f.id = ANY(${numbers(ids)})`,
  upload: (ids) => sql`
    SELECT u.id, u.filename AS name, coalesce(v."modelId", u."modelId") AS "modelId"
      FROM upload u LEFT JOIN model_file f ON f.id = u."fileId" LEFT JOIN model_version v ON v.id = f."versionId"
     WHERE u.id = ANY(${ids})`,
  sidecar: (ids) => sql`
    SELECT s.id::text AS id, s.filename AS name, v."modelId"
      FROM sidecar s LEFT JOIN model_file f ON f.id = s."fileId" LEFT JOIN model_version v ON v.id = f."versionId"
     WHERE s.id = ANY(${numbers(ids)})`,
  merge: (ids) => sql`
    SELECT g.id::text AS id, g.name, v."modelId"
      FROM merge g LEFT JOIN model_file f ON f.id = g."fileId" LEFT JOIN model_version v ON v.id = f."versionId"
     WHERE g.id = ANY(${numbers(ids)})`,
  remote: (ids) => sql`
    SELECT r.id::text AS id, coalesce(r.details->>'name', split_part(r.source, '?', 1)) AS name, v."modelId"
      FROM remote_import r
      LEFT JOIN LATERAL (
        SELECT u."fileId" FROM remote_file rf JOIN upload u ON u.id = rf."uploadId"
         WHERE rf."importId" = r.id AND u."fileId" IS NOT NULL ORDER BY rf.id LIMIT 1) one ON true
      LEFT JOIN model_file f ON f.id = one."fileId" LEFT JOIN model_version v ON v.id = f."versionId"
     WHERE r.id = ANY(${numbers(ids)})`,
  import: (ids) => sql`
    SELECT id::text AS id, root AS name, NULL::int AS "modelId" FROM import WHERE id = ANY(${numbers(ids)})`,
  bulk: (ids) => sql`
    SELECT id::text AS id, 'bulk change ' || id AS name, NULL::int AS "modelId" FROM bulk_job WHERE id = ANY(${numbers(ids)})`,
  picture: (ids) => sql`
    SELECT p.id::text AS id, p.filename AS name, coalesce(p."modelId", m.id) AS "modelId"
      FROM picture p LEFT JOIN preview w ON w.id = p."previewId"
      LEFT JOIN LATERAL ${modelOfConverted(sql`w.sha256`)} m ON true WHERE p.id = ANY(${numbers(ids)})`,
  preview: (ids) => sql`
    SELECT w.id::text AS id, m.name, m.id AS "modelId"
      FROM preview w LEFT JOIN LATERAL ${modelOfConverted(sql`w.sha256`)} m ON true WHERE w.id = ANY(${numbers(ids)})`,
  'preview-profile': (ids) => sql`
    SELECT id, name, NULL::int AS "modelId" FROM preview_profile WHERE id = ANY(${ids})`,
  setting: (ids) => sql`SELECT key AS id, key AS name, NULL::int AS "modelId" FROM setting WHERE key = ANY(${ids})`,
} as const satisfies Record<string, (ids: string[]) => Prisma.Sql>;

/** The kind of thing that something was done to. */
export type AuditSubject = keyof typeof SUBJECTS;

/** True for a kind that this version knows; older rows may hold others. */
export function isAuditSubject(kind: string): kind is AuditSubject {
  return Object.hasOwn(SUBJECTS, kind);
}

/** The query for the names of what is still there: rows of `id` (text), `name` and `modelId`. */
export function subjectQuery(kind: AuditSubject, ids: string[]): Prisma.Sql {
  return SUBJECTS[kind](ids);
}
