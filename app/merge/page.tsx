import { getModel } from '#lib/catalog/index.ts';
import { ForbiddenNote } from '../components/notes.tsx';
import { requirePermission } from '../visitor.ts';
import { MergePage } from './merge-page.tsx';

export const metadata = { title: 'Merge' };

type SearchParams = Promise<{ model?: string | string[] }>;

export default async function Merge({ searchParams }: { searchParams: SearchParams }) {
  const { model: wanted } = await searchParams;
  const id = /^\d{1,9}$/.test(String(wanted)) ? Number(wanted) : null;
  const actor = await requirePermission('upload.create', id === null ? '/merge' : `/merge?model=${id}`);
  if (actor === null) {
    return (
      <ForbiddenNote
        title="You do not have permission to merge models"
        description="Viewers can only view and download. Ask an administrator for the Uploader role."
      />
    );
  }
  const model = id === null ? null : await getModel(actor, id);
  return (
    <MergePage first={model === null ? null : { id: model.id, name: model.name, base: model.base, type: model.type }} />
  );
}
