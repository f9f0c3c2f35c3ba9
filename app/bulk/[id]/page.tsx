import { notFound } from 'next/navigation';
import { getBulkJob } from '#lib/bulk/index.ts';
import { AppError } from '#lib/errors.ts';
import { requireVisitor } from '../../visitor.ts';
import { BulkJob } from './bulk-job.tsx';

export const metadata = { title: 'Bulk change' };

export default async function BulkJobPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!/^[1-9]\d{0,8}$/.test(id)) notFound();
  const actor = await requireVisitor(`/bulk/${id}`);
  const job = await getBulkJob(actor, Number(id)).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'not_found') notFound();
    throw error;
  });
  return <BulkJob job={job} />;
}
