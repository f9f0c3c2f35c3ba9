'use client';

import { useLocalStorage, useThrottledCallback } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { AnnouncedSet, UploadView } from '#lib/uploads/client.ts';
import { callApi } from '../call-api.ts';
import { notifyFailure } from '../notify.ts';
import { useServiceEvents } from '../service-events.tsx';
import { SpeedMeter } from './speed.ts';
import { Tabs } from './tabs.ts';
import { trayRows } from './tray-rows.ts';
import { UploadQueue } from './upload-queue.ts';
import { abandonUpload } from './upload-requests.ts';
import type { UploadTask } from './upload-task.ts';
import { type Uploads, UploadsContext } from './use-uploads.ts';

const UPLOADS_KEY = ['uploads'];
const NO_TASKS: readonly UploadTask[] = [];
/** Remembered so that a reload does not bring back what was put away. */
const MAX_DISMISSED = 200;

/** Holds the uploads of this tab, whatever page is shown. */
export function UploadProvider({ enabled, children }: { enabled: boolean; children: ReactNode }) {
  const [speeds] = useState(() => new SpeedMeter());
  const { queue, tabs } = useQueue(speeds);
  const tasks = useSyncExternalStore(
    useCallback((changed: () => void) => queue?.subscribe(changed) ?? (() => {}), [queue]),
    () => queue?.tasks() ?? NO_TASKS,
    () => NO_TASKS,
  );
  const views = useUploadViews(enabled, queue);
  const [dismissed, setDismissed] = useLocalStorage<string[]>({ key: 'weighhouse-tray-dismissed', defaultValue: [] });
  const rows = useMemo(() => {
    const gone = new Set(dismissed);
    return trayRows(tasks, views.list).filter(({ key }) => !gone.has(key));
  }, [tasks, views.list, dismissed]);

  useLeaveWarning(tasks.some(({ state: { kind } }) => KEPT_OPEN.has(kind)));
  useSignedInAgain(enabled, queue, tabs, tasks);
  // What the service shows by itself need not be held here any longer, and the same file may then be sent again.
  useEffect(() => {
    for (const { id, uploadId, state } of tasks) {
      if (state.kind !== 'complete') continue;
      const isListed = views.list.some((view) => view.id === uploadId && view.state !== 'receiving');
      // The list of the service is not endless.
      if (isListed || views.updatedAt > state.at) queue?.clear(id);
    }
  }, [tasks, views.list, views.updatedAt, queue]);

  const uploads = useMemo<Uploads>(
    () => ({
      rows,
      isServerAway: views.isAway,
      add: (chosen, options) => {
        for (const file of chosen) queue?.add(file, options);
      },
      addModel: async ({ name, layout, files }) => {
        if (queue === null) return;
        const { id, uploads: known } = await callApi<AnnouncedSet>('POST', '/api/upload-sets', {
          name,
          layout,
          files: files.map(({ file, path }) => ({ path, size: file.size, modifiedAt: file.lastModified })),
        });
        const byPath = new Map(known.map((upload) => [upload.path, upload]));
        for (const { file, path } of files) {
          const { uploadId, isReceived = false } = byPath.get(path) ?? {};
          const part = { set: id, path, model: name };
          if (!isReceived) queue.add(file, { part, ...(uploadId === undefined ? {} : { resume: uploadId }) });
        }
      },
      selectAgain: ({ taskId, uploadId }, file) => {
        if (taskId !== null) queue?.replaceFile(taskId, file);
        else queue?.add(file, uploadId === null ? {} : { resume: uploadId });
      },
      pause: ({ taskId }) => {
        if (taskId === null) return;
        speeds.forget(taskId);
        queue?.pause(taskId);
      },
      retry: ({ taskId }) => {
        if (taskId !== null) queue?.retry(taskId);
      },
      startOver: ({ taskId }) => {
        if (taskId !== null) queue?.startOver(taskId);
      },
      cancel: ({ taskId, uploadId, isSet }) => {
        if (taskId !== null) {
          speeds.forget(taskId);
          queue?.cancel(taskId);
        } else if (uploadId !== null)
          void (isSet ? callApi('DELETE', `/api/upload-sets/${uploadId}`) : abandonUpload(uploadId)).then(
            views.refresh,
            (error) => notifyFailure('Upload not cancelled', error),
          );
      },
      dismiss: (settled) =>
        setDismissed((before) => [...before, ...settled.map(({ key }) => key)].slice(-MAX_DISMISSED)),
      speedOf: ({ taskId }, now) => (taskId === null ? null : speeds.speedOf(taskId, now)),
    }),
    [rows, queue, speeds, views.refresh, views.isAway, setDismissed],
  );

  return <UploadsContext value={uploads}>{children}</UploadsContext>;
}

/** What is lost when this tab is closed. */
const KEPT_OPEN = new Set<UploadTask['state']['kind']>(['queued', 'preparing', 'sending', 'finishing', 'waiting']);

/** The queue of this tab; null on the server and until the page runs. */
function useQueue(speeds: SpeedMeter): { queue: UploadQueue | null; tabs: Tabs | null } {
  const [connected, setConnected] = useState<{ queue: UploadQueue; tabs: Tabs } | null>(null);
  const queries = useQueryClient();
  useEffect(() => {
    const tabs = new Tabs();
    const queue = new UploadQueue(tabs, {
      onProgress: ({ id, sent }) => speeds.record(id, sent, Date.now()),
      onComplete: () => void queries.invalidateQueries({ queryKey: UPLOADS_KEY }),
    });
    setConnected({ queue, tabs });
    return () => {
      queue.close();
      tabs.close();
    };
  }, [speeds, queries]);
  return connected ?? { queue: null, tabs: null };
}

/** The uploads the service knows of: told by the event stream, and asked for on a timer while something moves. */
function useUploadViews(enabled: boolean, queue: UploadQueue | null) {
  const queries = useQueryClient();
  const refresh = useThrottledCallback(() => void queries.invalidateQueries({ queryKey: UPLOADS_KEY }), 500);
  const connected = useServiceEvents({ event: refresh, missed: refresh });
  useEffect(() => {
    if (connected) queue?.retryAll('offline', 'unavailable');
    // Whether the server is gone, or the stream of events alone.
    else refresh();
  }, [connected, queue, refresh]);
  const { data, dataUpdatedAt, isError } = useQuery({
    queryKey: UPLOADS_KEY,
    queryFn: () => callApi<UploadView[]>('GET', '/api/uploads-list'),
    enabled,
    refetchInterval: ({ state }) => {
      const inProgress = trayRows([], state.data ?? []).some(
        ({ settled, phase }) => !settled && phase !== 'unfinished',
      );
      if (state.status === 'error') return 5000;
      if (!inProgress) return connected ? false : 30_000;
      return connected ? 10_000 : 2000;
    },
  });
  const list = enabled ? (data ?? NO_VIEWS) : NO_VIEWS;
  const isAway = enabled && !connected && isError;
  return useMemo(() => ({ list, refresh, isAway, updatedAt: dataUpdatedAt }), [list, refresh, isAway, dataUpdatedAt]);
}

const NO_VIEWS: UploadView[] = [];

function useLeaveWarning(sending: boolean): void {
  useEffect(() => {
    if (!sending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [sending]);
}

/** Goes on with what a session that ended keeps, once the person has signed in again in whichever tab. */
function useSignedInAgain(
  enabled: boolean,
  queue: UploadQueue | null,
  tabs: Tabs | null,
  tasks: readonly UploadTask[],
): void {
  const router = useRouter();
  const isSignedOut = tasks.some(({ state }) => state.kind === 'failed' && state.failure.kind === 'signed_out');
  useEffect(() => {
    if (enabled) tabs?.send({ type: 'signed-in' });
  }, [enabled, tabs]);
  const wasSignedOut = useRef(false);
  useEffect(() => {
    // The page may have been made for nobody meanwhile.
    if (wasSignedOut.current && !isSignedOut) router.refresh();
    wasSignedOut.current = isSignedOut;
  }, [isSignedOut, router]);
  useEffect(() => {
    if (!isSignedOut || queue === null) return;
    const ask = async () => {
      if (document.visibilityState === 'hidden') return;
      const { ok } = await fetch('/api/uploads-list', { cache: 'no-store' }).catch(() => ({ ok: false }));
      if (ok) queue.retryAll('signed_out');
    };
    window.addEventListener('focus', ask);
    document.addEventListener('visibilitychange', ask);
    return () => {
      window.removeEventListener('focus', ask);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [isSignedOut, queue]);
}
