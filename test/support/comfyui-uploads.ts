import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Ways in which a server takes models: ComfyUI's own of today and of 2025, and ComfyUI-Model-Manager's. */
export type UploadKind = 'assets' | 'older-assets' | 'model-manager';

/** `POST /api/assets` with --enable-assets, and ComfyUI-Model-Manager's upload. */
export async function receiveUpload(
  request: Request,
  { models, way, folders }: { models: string; way: UploadKind | undefined; folders: readonly { name: string }[] },
): Promise<Response | null> {
  const { pathname } = new URL(request.url);
  if (pathname === '/api/assets' && way !== 'assets' && way !== 'older-assets')
    return Response.json(
      { error: { code: 'SERVICE_DISABLED', message: 'Assets system is disabled.', details: {} } },
      { status: 503 },
    );
  if (pathname === '/api/assets' && request.method === 'GET')
    return Response.json({ assets: [], total: 0, has_more: false });
  if (pathname === '/api/assets') {
    const form = await request.formData();
    const tags = form.getAll('tags').map(String);
    const folder =
      way === 'assets' ? tags.find((tag) => tag.startsWith('model_type:'))?.slice('model_type:'.length) : tags[1];
    const isKnown = tags[0] === 'models' && folders.some(({ name }) => name === folder);
    if (!isKnown)
      return Response.json(
        { error: { code: 'INVALID_BODY', message: `unknown model category '${folder}'` } },
        { status: 400 },
      );
    await storeUpload(join(models, folder!), form.get('file') as File);
    return Response.json({ id: randomUUID(), created_new: true }, { status: 201 });
  }
  if (way !== 'model-manager') return null;
  if (pathname === '/model-manager/supported-extensions')
    return Response.json({ success: true, data: ['.safetensors'] });
  if (pathname !== '/model-manager/upload') return null;
  const form = await request.formData();
  await storeUpload(String(form.get('folder')), form.get('file') as File);
  return Response.json({ success: true, data: null });
}

async function storeUpload(folder: string, file: File): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file.name), Buffer.from(await file.arrayBuffer()));
}
