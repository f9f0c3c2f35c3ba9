'use client';

import { useThrottledCallback } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { UploadView } from '#lib/uploads/client.ts';
import { callApi } from '../call-api.ts';
import { notifyFailure } from '../notify.ts';
import { useServiceEvents } from '../service-events.tsx';
import { SpeedMeter } from './speed.ts';
import { trayRows } from './tray-rows.ts';
import { UploadTray } from './upload-tray.tsx';
import { createUploader, localUpload, UPLOADS_PATH, type Uploader } from './uppy.ts';
import { type Uploads, UploadsContext } from './use-uploads.ts';

const UPLOADS_KEY = ['uploads'];

/** Holds the uploads of this tab, whatever page is shown, and renders the tray they live in. */
export function UploadProvider({ enabled, children }: { enabled: boolean; children: ReactNode }) {
  const [uploader] = useState(createUploader);
  const [speeds] = useState(() => new SpeedMeter());
  const files = useSyncExternalStore(
    (changed) => uploader.store.subscribe(changed),
    () => uploader.getState().files,
    () => uploader.getState().files,
  );
  const views = useUploadViews(enabled);
  const rows = useMemo(() => trayRows(Object.values(files).map(localUpload), views.list), [files, views.list]);

  useMeasuredSpeed(uploader, speeds);
  useLeaveWarning(rows.some(({ phase }) => phase === 'uploading' || phase === 'waiting'));
  useEffect(() => {
    const refresh = () => views.refresh();
    uploader.on('upload-success', refresh);
    return () => {
      uploader.off('upload-success', refresh);
    };
  }, [uploader, views.refresh]);
  // What the service shows by itself need not be held here any longer, and the same file may then be sent again.
  useEffect(() => {
    const done = rows.filter(({ localId, phase }) => localId !== null && phase !== 'failed' && files[localId]);
    for (const { localId, uploadId } of done) {
      const listed = views.list.some(({ id, state }) => id === uploadId && state !== 'receiving');
      if (listed && localId !== null && files[localId]?.progress.uploadComplete) uploader.removeFile(localId);
    }
  }, [rows, files, views.list, uploader]);

  const uploads = useMemo<Uploads>(
    () => ({
      rows,
      add: (chosen, { modelId, resume } = {}) => {
        for (const data of chosen) {
          try {
            uploader.addFile({
              data,
              name: data.name,
              type: data.type,
              meta: modelId === undefined ? {} : { modelId: String(modelId) },
              ...(resume === undefined ? {} : { tus: { uploadUrl: `${UPLOADS_PATH}/${resume}` } }),
            });
          } catch (error) {
            notifyFailure('Upload not started', error);
          }
        }
      },
      pauseOrResume: ({ localId }) => {
        if (localId === null) return;
        speeds.forget(localId);
        uploader.pauseResume(localId);
      },
      retry: ({ localId }) => {
        if (localId !== null) void uploader.retryUpload(localId).catch(() => {});
      },
      cancel: ({ localId, uploadId }) => {
        if (localId !== null) {
          speeds.forget(localId);
          uploader.removeFile(localId);
        } else if (uploadId !== null)
          void abandon(uploadId).then(views.refresh, (error) => notifyFailure('Upload not cancelled', error));
      },
      speedOf: ({ localId }) => (localId === null ? null : speeds.speedOf(localId)),
    }),
    [rows, uploader, speeds, views.refresh],
  );

  return (
    <UploadsContext value={uploads}>
      {children}
      {enabled && <UploadTray />}
    </UploadsContext>
  );
}

/** The uploads the service knows of: told by the event stream, and asked for on a timer while something moves. */
function useUploadViews(enabled: boolean): { list: UploadView[]; refresh: () => void } {
  const queries = useQueryClient();
  const refresh = useThrottledCallback(() => void queries.invalidateQueries({ queryKey: UPLOADS_KEY }), 500);
  const connected = useServiceEvents(refresh);
  const { data } = useQuery({
    queryKey: UPLOADS_KEY,
    queryFn: () => callApi<UploadView[]>('GET', '/api/uploads-list'),
    enabled,
    refetchInterval: ({ state }) => {
      const inProgress = trayRows([], state.data ?? []).some(
        ({ settled, phase }) => !settled && phase !== 'unfinished',
      );
      if (!inProgress) return connected ? false : 30_000;
      return connected ? 10_000 : 2000;
    },
  });
  return useMemo(() => ({ list: enabled ? (data ?? NONE) : NONE, refresh }), [enabled, data, refresh]);
}

const NONE: UploadView[] = [];

function useMeasuredSpeed(uploader: Uploader, speeds: SpeedMeter): void {
  useEffect(() => {
    const record = (file: { id: string } | undefined, progress: { bytesUploaded: number }) => {
      if (file !== undefined) speeds.record(file.id, progress.bytesUploaded, performance.now());
    };
    uploader.on('upload-progress', record);
    return () => {
      uploader.off('upload-progress', record);
    };
  }, [uploader, speeds]);
}

function useLeaveWarning(sending: boolean): void {
  useEffect(() => {
    if (!sending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [sending]);
}

/** Gives up an upload that is not being sent from here (tus termination). */
async function abandon(uploadId: string): Promise<void> {
  const response = await fetch(`${UPLOADS_PATH}/${uploadId}`, {
    method: 'DELETE',
    headers: { 'tus-resumable': '1.0.0' },
  });
  if (!response.ok && response.status !== 404 && response.status !== 410) {
    throw new Error('The upload could not be cancelled. Try again.');
  }
}
