import { useEffect, useRef, useState } from 'react';

/** Between two things that a screen reader is told: pictures may come faster than they are read out. */
const PAUSE_MS = 5000;

/** The newest text, changed every five seconds at most; empty until it is another than the page came with. */
export function useAnnouncement(text: string): string {
  const [initial] = useState(text);
  const [said, setSaid] = useState('');
  const saidAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (text === said || (said === '' && text === initial)) return;
    const say = () => {
      saidAt.current = performance.now();
      setSaid(text);
    };
    const timer = setTimeout(say, Math.max(0, saidAt.current + PAUSE_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [text, said, initial]);
  return said;
}
