import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { callApi } from '../../components/call-api.ts';

/** What came with the page is as good as asked for. */
const FRESH_MS = 3000;

/** One of the administrators' lists: as it came with the page first, then as it is asked for again. */
export function useAdminQuery<Answer>(path: string, initial: Answer, pollMs: number | false = false) {
  const queries = useQueryClient();
  const queryKey: QueryKey = ['admin', path];
  const { data } = useQuery<Answer>({
    queryKey,
    queryFn: () => callApi<Answer>('GET', path),
    initialData: () => initial,
    staleTime: FRESH_MS,
    refetchInterval: pollMs,
  });
  const refresh = useCallback(() => void queries.invalidateQueries({ queryKey: ['admin', path] }), [queries, path]);
  const put = useCallback((answer: Answer) => queries.setQueryData(['admin', path], answer), [queries, path]);
  return { data: data ?? initial, refresh, put };
}
