import { type Actor, authorize } from '../accounts/index.ts';
import { maySee } from '../catalog/index.ts';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { DETAILS } from './columns.ts';
import { listSiteTokens } from './tokens.ts';
import type { RemoteImportView, RemoteSettings } from './types.ts';

const SHOWN = 20;
const HIDDEN = 'This file is already in the catalog, in a model that you may not see.';

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
              file: {
                select: {
                  version: {
                    select: { model: { select: { id: true, slug: true, name: true, published: true, ownerId: true } } },
                  },
                },
              },
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
    files: files.map((file) => {
      const model = file.upload?.file?.version.model;
      const isSeen = model !== undefined && maySee(actor, model);
      const hidden = model !== undefined && !isSeen;
      return {
        id: file.id,
        filename: file.filename,
        size: file.size === null ? null : Number(file.size),
        offset: Number((file.state === 'done' ? file.size : file.upload?.offset) ?? 0),
        state: file.state,
        message: hidden ? HIDDEN : file.message,
        fileId: isSeen ? (file.upload?.fileId ?? null) : null,
        isDuplicate: file.upload?.state === 'duplicate',
        model: isSeen ? { id: model.id, slug: model.slug, name: model.name } : null,
      };
    }),
  }));
}

/** Whether links can be imported, and which sites the person has a token for. */
export async function readRemoteSettings(actor: Actor): Promise<RemoteSettings> {
  return { enabled: !config().remote.hosts.isEmpty, tokens: await listSiteTokens(actor) };
}
