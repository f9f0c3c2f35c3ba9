'use client';

import { useEffect, useRef, useState } from 'react';

const AGAIN_MS = 5000;

/**
 * Whether a page failed because the database is away, which the server says of every page then (`app/page-outage.ts`).
 * Calls `onEnd` once it is back.
 */
export function useOutage(onEnd: () => void): boolean {
  const [isOutage, setOutage] = useState(false);
  const end = useRef(onEnd);
  end.current = onEnd;

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const ask = async (wasOutage: boolean) => {
      const status = await fetch(window.location.href, { method: 'HEAD', cache: 'no-store' }).then(
        (answer) => answer.status,
        () => null,
      );
      if (isGone) return;
      // A server that does not answer at all may be restarting for the same reason.
      const isAway = status === 503 || (wasOutage && status === null);
      setOutage(isAway);
      if (isAway) timer = setTimeout(() => void ask(true), AGAIN_MS);
      else if (wasOutage) end.current();
    };
    void ask(false);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, []);
  return isOutage;
}
