import { listStoppedJobs } from '../../../lib/admin/index.ts';
import { visitor } from '../../visitor.ts';
import { Jobs } from './jobs.tsx';

export const metadata = { title: 'Jobs' };

export default async function JobsPage() {
  return <Jobs jobs={await listStoppedJobs(await visitor())} />;
}
