import { listAudit } from '#lib/admin/index.ts';
import { ACTION_GROUPS } from '#lib/audit/index.ts';
import { toUrlParams } from '../../url-params.ts';
import { visitor } from '../../visitor.ts';
import { AuditLog } from './audit-log.tsx';

export const metadata = { title: 'Audit log' };

type SearchParams = Promise<Record<string, string | string[] | undefined>>;

export default async function AuditPage({ searchParams }: { searchParams: SearchParams }) {
  const params = toUrlParams(await searchParams);
  return <AuditLog log={await listAudit(await visitor(), params)} groups={ACTION_GROUPS} />;
}
