'use client';

import { FailureNote } from './components/notes.tsx';
import { useOutage } from './components/use-outage.ts';

export default function PageFailure({ retry }: { error: unknown; retry: () => void }) {
  const isOutage = useOutage(retry);
  return <FailureNote isOutage={isOutage} onRetry={() => retry()} />;
}
