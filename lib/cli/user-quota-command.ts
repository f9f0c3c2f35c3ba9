import { Argument, Command, InvalidArgumentError } from 'commander';
import { findUser } from '../accounts/index.ts';
import { formatBytes } from '../format-bytes.ts';
import {
  listRoleQuotas,
  QUOTA_ROLES,
  type Quota,
  type QuotaRole,
  readQuotaOf,
  setQuotaOf,
  setRoleQuota,
} from '../quotas/index.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { parseSize } from './size-option.ts';
import { plain } from './terminal-text.ts';
import { OPERATOR } from './user-operator.ts';

/** Null is no limit, and what was not said is undefined. */
type Limit = number | null | 'default' | undefined;

interface Limits {
  bytes: Limit;
  files: Limit;
  format: Format;
}

const BYTES = 'bytes it may hold, such as 500GB or 20GiB; none for no limit, default for that of the role';
const FILES = 'files it may hold; none for no limit, default for that of the role';

/** `user quota`: what an account may hold. */
export function quotaCommand(): Command {
  return new Command('quota')
    .description('Show or set how many bytes and files an account may hold.')
    .argument('<email>')
    .option('--bytes <size>', BYTES, parseBytes)
    .option('--files <count>', FILES, parseFiles)
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user quota ben@example.org --bytes 500GB --files 1000')
    .action(changeQuota);
}

/** `user role-quota`: what accounts of a role may hold. */
export function roleQuotaCommand(): Command {
  return new Command('role-quota')
    .description('Show or set how many bytes and files accounts of a role may hold.')
    .addArgument(new Argument('<role>').choices(QUOTA_ROLES))
    .option('--bytes <size>', 'bytes, such as 500GB or 20GiB; none for no limit', parseBytes)
    .option('--files <count>', 'files; none for no limit', parseFiles)
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user role-quota uploader --bytes 100GB')
    .action(changeRoleQuota);
}

function changeQuota(email: string, { bytes, files, format }: Limits): Promise<void> {
  return withDatabase(async () => {
    const { id } = await findUser(email);
    if (bytes === 'default' || files === 'default') await setQuotaOf(OPERATOR, id, null);
    const { own, limit } = await readQuotaOf(OPERATOR, id);
    const change = withLimits(own ?? limit, { bytes, files });
    if (change !== null) await setQuotaOf(OPERATOR, id, change);
    const view = await readQuotaOf(OPERATOR, id);
    if (format === 'json') return printJson(view);
    const { held, underWay } = view;
    console.log(`${plain(email)} may hold ${wordsOf(view.limit)}${view.own === null ? ' (by role)' : ''}.`);
    console.log(`It holds ${wordsOf(held)}, and ${wordsOf(underWay)} in unfinished uploads and merges.`);
  });
}

function changeRoleQuota(role: QuotaRole, { bytes, files, format }: Limits): Promise<void> {
  return withDatabase(async () => {
    const before = (await listRoleQuotas(OPERATOR))[role];
    const change = withLimits(before, {
      bytes: bytes === 'default' ? null : bytes,
      files: files === 'default' ? null : files,
    });
    if (change !== null) await setRoleQuota(OPERATOR, role, change);
    const quota = (await listRoleQuotas(OPERATOR))[role];
    if (format === 'json') return printJson({ role, quota });
    console.log(`Accounts with the role ${role} may hold ${wordsOf(quota)}.`);
  });
}

/** The quota with what was said; null where nothing was. */
function withLimits(before: Quota, { bytes, files }: Pick<Limits, 'bytes' | 'files'>): Quota | null {
  const isNumberOrNone = (value: Limit) => value !== undefined && value !== 'default';
  if (!isNumberOrNone(bytes) && !isNumberOrNone(files)) return null;
  return {
    bytes: bytes === undefined || bytes === 'default' ? before.bytes : bytes,
    files: files === undefined || files === 'default' ? before.files : files,
  };
}

function wordsOf({ bytes, files }: Quota): string {
  return `${bytes === null ? 'any number of bytes' : formatBytes(bytes)} and ${files === null ? 'any number of' : files} ${files === 1 ? 'file' : 'files'}`;
}

function parseBytes(text: string): Limit {
  if (text === 'none') return null;
  if (text === 'default') return 'default';
  const bytes = parseSize(text);
  if (bytes === null) throw new InvalidArgumentError('Give a size such as 500GB or 20GiB, `none` or `default`.');
  return bytes;
}

function parseFiles(text: string): Limit {
  if (text === 'none') return null;
  if (text === 'default') return 'default';
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a number of files, `none` or `default`.');
  return Number(text);
}
