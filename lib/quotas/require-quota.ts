import { lockNames, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';
import type { Amount, Quota, QuotaView } from './types.ts';
import { readUsage } from './usage.ts';

/**
 * Makes sure that an account may have `adding` more, in the transaction that adds it. What adds to one account is done one
 * after another, whichever process does it, so that many at once cannot pass together. Throws AppError `over_quota`.
 */
export async function requireQuota(tx: Tx, userId: string, adding: Amount): Promise<void> {
  const refusal = await findQuotaRefusal(tx, userId, adding);
  if (refusal !== null) throw new AppError('over_quota', refusal);
}

/** The same as a sentence for people; null where the account may have it. */
export async function findQuotaRefusal(tx: Tx, userId: string, adding: Amount): Promise<string | null> {
  const account = await lockQuotas(tx, [userId]);
  return account.get(userId)?.refusal(adding) ?? null;
}

/** What an account may still have, in a transaction that holds everybody else off adding to it. */
export interface AccountRoom {
  /** A sentence for people; null where the account may have it as well. */
  refusal(adding: Amount): string | null;
  /** Counts what is added. */
  add(adding: Amount): void;
}

/** Holds everybody else off adding to these accounts until the transaction ends. Throws AppError `not_found`. */
export async function lockQuotas(tx: Tx, userIds: readonly string[]): Promise<Map<string, AccountRoom>> {
  const ids = [...new Set(userIds)];
  await lockNames(
    tx,
    ids.map((id) => `quota ${id}`),
  );
  const accounts = new Map<string, AccountRoom>();
  for (const id of ids) accounts.set(id, accountRoom(await readUsage(tx, id)));
  return accounts;
}

function accountRoom(usage: QuotaView): AccountRoom {
  const { limit, held, underWay } = usage;
  const added = { ...underWay };
  return {
    refusal(adding) {
      const bytes = held.bytes + added.bytes + adding.bytes;
      const files = held.files + added.files + adding.files;
      const isOver = (limit.bytes !== null && bytes > limit.bytes) || (limit.files !== null && files > limit.files);
      return isOver ? explain({ ...usage, underWay: added }, adding) : null;
    },
    add(adding) {
      added.bytes += adding.bytes;
      added.files += adding.files;
    },
  };
}

function explain({ limit, held, underWay }: QuotaView, adding: Amount): string {
  const used = [
    ...(limit.bytes === null ? [] : [formatBytes(held.bytes + underWay.bytes)]),
    ...(limit.files === null ? [] : [countFiles(held.files + underWay.files)]),
  ].join(' and ');
  const open = underWay.files === 0 ? '' : `, unfinished uploads and merges included (${amountWords(underWay, limit)})`;
  const more = adding.bytes > 1 && limit.bytes !== null ? ` This needs ${formatBytes(adding.bytes)} more.` : '';
  return `Your account uses ${used} of its quota of ${amountWords(limit, limit)}${open}.${more} Delete what you do not need, cancel unfinished uploads, or ask an administrator for a larger quota.`;
}

function amountWords({ bytes, files }: Quota | Amount, limit: Quota): string {
  return [
    ...(limit.bytes === null ? [] : [formatBytes(bytes ?? 0)]),
    ...(limit.files === null ? [] : [countFiles(files ?? 0)]),
  ].join(' and ');
}

const countFiles = (files: number) => `${files} ${files === 1 ? 'file' : 'files'}`;
