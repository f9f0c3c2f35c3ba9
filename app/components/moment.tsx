'use client';

import { useSyncExternalStore } from 'react';
import { formatMoment } from './format.ts';

const nothingChanges = () => () => {};

/** False on the server and while the browser takes over its page, true afterwards: only then is the reader's zone known. */
export function useKnowsZone(): boolean {
  return useSyncExternalStore(
    nothingChanges,
    () => true,
    () => false,
  );
}

/** A moment in the reader's zone; in UTC where scripts do not run. The exact one is under the pointer. */
export function Moment({ iso }: { iso: string }) {
  const knowsZone = useKnowsZone();
  return (
    <time dateTime={iso} title={iso}>
      {knowsZone ? LOCAL.format(new Date(iso)) : formatMoment(iso)}
    </time>
  );
}

const LOCAL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
