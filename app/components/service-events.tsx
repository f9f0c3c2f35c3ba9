'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { ServiceEvent } from '#lib/events/client.ts';

export interface ServiceEventsListener {
  event: (event: ServiceEvent) => void;
  /**
   * Events may have been missed since what is shown was rendered: the stream opens after the page has come, and whatever
   * happens in between is told to nobody.
   */
  missed: () => void;
}

interface Events {
  /** False while there is no stream: whoever shows live state asks on a timer instead. */
  connected: boolean;
  listen: (listener: ServiceEventsListener) => () => void;
}

const EventsContext = createContext<Events>({ connected: false, listen: () => () => {} });

/**
 * What is rendered by the server before a link is followed is shown a moment later: whoever begins to listen is told again
 * what came within this time.
 */
const REPEAT_MS = 5000;

/** The browser opens a broken stream again by itself, but not one that was answered with an error. */
const REOPEN_MS = 5000;

const KINDS: readonly ServiceEvent['kind'][] = [
  'upload',
  'file',
  'stage',
  'merge',
  'preview',
  'remote',
  'import',
  'bulk',
];

/** One event stream for the whole page, however many parts of it listen. The browser reconnects by itself. */
export function EventsProvider({ enabled, children }: { enabled: boolean; children: ReactNode }) {
  const [connected, setConnected] = useState(false);
  const listeners = useRef(new Set<ServiceEventsListener>());
  const recent = useRef<{ at: number; event: ServiceEvent }[]>([]);
  const router = useRouter();
  const queries = useQueryClient();
  const reload = useCallback(() => {
    router.refresh();
    void queries.invalidateQueries();
  }, [router, queries]);

  useEffect(() => {
    if (!enabled) return;
    let source: EventSource;
    let again: ReturnType<typeof setTimeout> | undefined;
    const deliver = (message: MessageEvent<string>) => {
      const event = readEvent(message.data);
      if (event === null) return;
      recent.current = [...recent.current.filter(isRecent), { at: Date.now(), event }];
      for (const listener of listeners.current) listener.event(event);
    };
    let isFirst = true;
    const open = () => {
      source = new EventSource('/api/events');
      source.onopen = () => {
        setConnected(true);
        for (const listener of listeners.current) listener.missed();
        // Whatever a page shows may have changed while the stream was away, for minutes perhaps.
        if (!isFirst) reload();
        isFirst = false;
      };
      source.onerror = () => {
        setConnected(false);
        // An error of a proxy, or of a session that has ended, ends the stream for good.
        if (source.readyState === EventSource.CLOSED) again = setTimeout(open, REOPEN_MS);
      };
      source.onmessage = deliver;
      for (const kind of KINDS) source.addEventListener(kind, deliver);
    };
    open();
    return () => {
      clearTimeout(again);
      source.close();
      setConnected(false);
    };
  }, [enabled, reload]);

  const events = useMemo<Events>(
    () => ({
      connected,
      listen: (listener) => {
        listeners.current.add(listener);
        for (const { event } of recent.current.filter(isRecent)) listener.event(event);
        return () => listeners.current.delete(listener);
      },
    }),
    [connected],
  );
  return <EventsContext value={events}>{children}</EventsContext>;
}

const isRecent = ({ at }: { at: number }): boolean => Date.now() - at < REPEAT_MS;

function readEvent(text: string): ServiceEvent | null {
  try {
    const event = JSON.parse(text) as ServiceEvent;
    return KINDS.includes(event.kind) ? event : null;
  } catch {
    return null;
  }
}

/** Tells `listener` of every event while the component is shown. Returns whether the stream is there. */
export function useServiceEvents(listener: ServiceEventsListener): boolean {
  const { connected, listen } = useContext(EventsContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () => listen({ event: (event) => latest.current.event(event), missed: () => latest.current.missed() }),
    [listen],
  );
  return connected;
}
