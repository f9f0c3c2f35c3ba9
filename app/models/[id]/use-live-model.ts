import { useThrottledCallback } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useServiceEvents } from '../../components/service-events.tsx';

/**
 * Shows the model again when the service says that something happened to it; on a timer where there is no event stream.
 */
export function useLiveModel(modelId: number, inProgress: boolean): void {
  const router = useRouter();
  const refresh = useThrottledCallback(() => router.refresh(), 500);
  const connected = useServiceEvents({
    event: (event) => {
      // Pictures come one after the other and change nothing else of the page; they are asked for by themselves.
      if (event.kind !== 'preview' && 'modelId' in event && event.modelId === modelId) refresh();
    },
    missed: refresh,
  });
  useEffect(() => {
    if (!inProgress) return;
    const timer = setInterval(refresh, connected ? 15_000 : 2000);
    return () => clearInterval(timer);
  }, [inProgress, connected, refresh]);
}
