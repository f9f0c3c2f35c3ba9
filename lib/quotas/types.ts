import { z } from 'zod';

/** What an account may hold, unfinished uploads included. Null means no limit. */
export const QUOTA = z.strictObject({
  bytes: z.int().min(0).nullable(),
  files: z.int().min(0).max(1_000_000_000).nullable(),
});
export type Quota = z.infer<typeof QUOTA>;

/** Roles that a quota can be set for. Moderators and administrators have none by their role. */
export const QUOTA_ROLES = ['viewer', 'uploader'] as const;
export type QuotaRole = (typeof QUOTA_ROLES)[number];

/** Sets a person's own quota; null takes that of the role again. */
export const QUOTA_CHANGE = z.strictObject({ quota: QUOTA.nullable() });
export const ROLE_QUOTA_CHANGE = z.strictObject({ role: z.enum(QUOTA_ROLES), quota: QUOTA });

export interface Amount {
  bytes: number;
  files: number;
}

/** What an account has, and what it may have. */
export interface QuotaView {
  /** Model files, companion files and images. */
  held: Amount;
  /** Unfinished uploads and merges. */
  underWay: Amount;
  limit: Quota;
  /** Set for this person alone; null where the role's is in force. */
  own: Quota | null;
}
