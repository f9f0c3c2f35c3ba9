import { listStoppedJobs, listWaitingFiles, readIdentification, readRescan } from '#lib/admin/index.ts';
import { visitor } from '../../visitor.ts';
import { Jobs } from './jobs.tsx';

export const metadata = { title: 'Jobs' };

export default async function JobsPage() {
  const actor = await visitor();
  const [jobs, rescan, waiting, identification] = await Promise.all([
    listStoppedJobs(actor),
    readRescan(actor),
    listWaitingFiles(actor),
    readIdentification(actor),
  ]);
  return <Jobs jobs={jobs} rescan={rescan} waiting={waiting} identification={identification} />;
}
