import { listBulkJobs } from '#lib/bulk/index.ts';
import { requireVisitor } from '../visitor.ts';
import { BulkJobs } from './bulk-jobs.tsx';

export const metadata = { title: 'Bulk changes' };

export default async function BulkJobsPage() {
  return <BulkJobs jobs={await listBulkJobs(await requireVisitor('/bulk'))} />;
}
