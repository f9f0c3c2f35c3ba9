'use client';

import { FailureNote } from './components/notes.tsx';

export default function PageFailure({ retry }: { error: unknown; retry: () => void }) {
  return <FailureNote onRetry={() => retry()} />;
}
