import { listAudit } from '#lib/admin/index.ts';
import { visitor } from '../../visitor.ts';
import { AuditLog } from './audit-log.tsx';

export const metadata = { title: 'Audit log' };

type SearchParams = Promise<{ page?: string | string[] }>;

export default async function AuditPage({ searchParams }: { searchParams: SearchParams }) {
  const { page } = await searchParams;
  const number = /^[1-9]\d{0,6}$/.test(String(page)) ? Number(page) : 1;
  return <AuditLog log={await listAudit(await visitor(), number)} />;
}
