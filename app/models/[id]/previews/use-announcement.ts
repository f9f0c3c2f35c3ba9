import { useEffect, useRef, useState } from 'react';

/** Between two things that a screen reader is told: pictures may come faster than they are read out. */
const PAUSE_MS = 5000;

/** The newest text, changed every five seconds at most; empty until it is another than the page came with. */
export function useAnnouncement(text: string): string {
  const [initial] = useState(text);
  const [announced, setAnnounced] = useState('');
  const announcedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (text === announced || (announced === '' && text === initial)) return;
    const announce = () => {
      announcedAt.current = performance.now();
      setAnnounced(text);
    };
    const timer = setTimeout(announce, Math.max(0, announcedAt.current + PAUSE_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [text, announced, initial]);
  return announced;
}
