import { Stack } from '@mantine/core';
import { getModel } from '#lib/catalog/index.ts';
import { config } from '#lib/config.ts';
import { readRemoteSettings } from '#lib/remote/index.ts';
import { ForbiddenNote } from '../components/notes.tsx';
import { requirePermission } from '../visitor.ts';
import { LinkImports } from './link-imports.tsx';
import { UploadForm } from './upload-form.tsx';

export const metadata = { title: 'Upload' };

type SearchParams = Promise<{ model?: string | string[] }>;

export default async function UploadPage({ searchParams }: { searchParams: SearchParams }) {
  const { model: wanted } = await searchParams;
  const id = /^\d{1,9}$/.test(String(wanted)) ? Number(wanted) : null;
  const actor = await requirePermission('upload.create', id === null ? '/upload' : `/upload?model=${id}`);
  if (actor === null) {
    return (
      <ForbiddenNote
        title="You do not have permission to upload"
        description="Viewers can only view and download. Ask an administrator for the Uploader role."
      />
    );
  }
  const model = id === null ? null : await getModel(actor, id);
  const target = model?.may.uploadVersion ? { id: model.id, slug: model.slug, name: model.name } : null;
  const form = <UploadForm target={target} maxBytes={config().maxUploadBytes} />;
  if (target !== null) return form;
  return (
    <Stack gap={40}>
      {form}
      <LinkImports settings={await readRemoteSettings(actor)} />
    </Stack>
  );
}
