import { useThrottledCallback } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { callApi } from '#app/components/call-api.ts';
import { isInProgress } from '#app/components/preview-labels.ts';
import { useServiceEvents } from '#app/components/service-events.tsx';
import type { ModelPreviews } from '#lib/previews/client.ts';

/** What came with the page is as good as asked for. */
const FRESH_MS = 5000;
const POLL_MS = 3000;
const POLL_WITH_EVENTS_MS = 15_000;

/** The pictures of a model, asked for again when the service says that one more is there. */
export function usePreviews(initial: ModelPreviews): { previews: ModelPreviews; refresh: () => void } {
  const { modelId } = initial;
  const queries = useQueryClient();
  const queryKey = ['previews', modelId];
  const refresh = useThrottledCallback(() => void queries.invalidateQueries({ queryKey }), 250);
  const connected = useServiceEvents({
    event: (event) => {
      if ((event.kind === 'preview' || event.kind === 'file') && event.modelId === modelId) refresh();
    },
    missed: refresh,
  });
  const { data } = useQuery({
    queryKey,
    queryFn: () => callApi<ModelPreviews>('GET', `/api/models/${modelId}/previews`),
    initialData: initial,
    staleTime: FRESH_MS,
    refetchInterval: ({ state }) => {
      const current = state.data?.current ?? null;
      if (current === null || !isInProgress(current.state)) return false;
      return connected ? POLL_WITH_EVENTS_MS : POLL_MS;
    },
  });
  return { previews: data, refresh };
}
