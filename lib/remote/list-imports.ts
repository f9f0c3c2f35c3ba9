import { type Actor, authorize } from '../accounts/index.ts';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { DETAILS } from './columns.ts';
import { listSiteTokens } from './tokens.ts';
import type { RemoteImportView, RemoteSettings } from './types.ts';

const SHOWN = 20;

/** A person's newest imports from links, 20 at most. */
export async function listRemoteImports(actor: Actor | null): Promise<RemoteImportView[]> {
  authorize(actor, 'upload.create');
  const rows = await db().remoteImport.findMany({
    where: { ownerId: actor.id },
    orderBy: { id: 'desc' },
    take: SHOWN,
    include: {
      files: {
        orderBy: { id: 'asc' },
        include: {
          upload: {
            select: {
              offset: true,
              state: true,
              fileId: true,
              file: { select: { version: { select: { model: { select: { id: true, slug: true, name: true } } } } } },
            },
          },
        },
      },
    },
  });
  return rows.map(({ id, source, state, message, notBefore, createdAt, details, files }) => ({
    id,
    source,
    name: DETAILS.tryRead(details)?.name ?? null,
    state,
    message,
    notBefore: notBefore?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    files: files.map((file) => ({
      id: file.id,
      filename: file.filename,
      size: file.size === null ? null : Number(file.size),
      offset: Number((file.state === 'done' ? file.size : file.upload?.offset) ?? 0),
      state: file.state,
      message: file.message,
      fileId: file.upload?.fileId ?? null,
      isDuplicate: file.upload?.state === 'duplicate',
      model: file.upload?.file?.version.model ?? null,
    })),
  }));
}

/** Whether links can be imported, and which sites the person has a token for. */
export async function readRemoteSettings(actor: Actor): Promise<RemoteSettings> {
  return { enabled: !config().remote.hosts.isEmpty, tokens: await listSiteTokens(actor) };
}
