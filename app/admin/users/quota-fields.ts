import type { Quota } from '#lib/quotas/client.ts';

const GIB = 1024 ** 3;

/** A quota as its fields hold it: an empty field is no limit. */
export interface QuotaFields {
  gib: number | '';
  files: number | '';
}

export function toFields({ bytes, files }: Quota): QuotaFields {
  return { gib: bytes === null ? '' : Math.round((bytes / GIB) * 100) / 100, files: files ?? '' };
}

export function toQuota({ gib, files }: QuotaFields): Quota {
  return { bytes: gib === '' ? null : Math.round(gib * GIB), files: files === '' ? null : files };
}
