import { getPreviewQueue, getPreviewSettings, listProfiles } from '#lib/previews/index.ts';
import { visitor } from '../../visitor.ts';
import { PreviewAdmin } from './preview-admin.tsx';

export const metadata = { title: 'Previews' };

export default async function PreviewsPage() {
  const actor = await visitor();
  const [queue, profiles, settings] = await Promise.all([
    getPreviewQueue(actor),
    listProfiles(actor),
    getPreviewSettings(actor),
  ]);
  return <PreviewAdmin queue={queue} profiles={profiles} settings={settings} />;
}
