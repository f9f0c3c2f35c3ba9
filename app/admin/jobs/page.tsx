import { listStoppedJobs, listWaitingFiles, readRescan } from '#lib/admin/index.ts';
import { visitor } from '../../visitor.ts';
import { Jobs } from './jobs.tsx';

export const metadata = { title: 'Jobs' };

export default async function JobsPage() {
  const actor = await visitor();
  const [jobs, rescan, waiting] = await Promise.all([
    listStoppedJobs(actor),
    readRescan(actor),
    listWaitingFiles(actor),
  ]);
  return <Jobs jobs={jobs} rescan={rescan} waiting={waiting} />;
}
