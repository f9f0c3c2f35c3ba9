'use client';

import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { BulkItemsPage, BulkItemView } from '#lib/bulk/client.ts';
import { callApi, messageOf } from '../../components/call-api.ts';
import { Link } from '../../components/link.tsx';
import { makeVisible } from '../../components/visible-text.ts';

interface BulkItemsProps {
  jobId: number;
  state: BulkItemView['state'];
  /** Models in this state: another number has the list asked for again. */
  count: number;
}

/** The models of a bulk change with one result, 100 at a time. */
export function BulkItems({ jobId, state, count }: BulkItemsProps) {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['bulk', jobId, 'items', state, count],
    queryFn: ({ pageParam }) =>
      callApi<BulkItemsPage>('GET', `/api/bulk/${jobId}/items?state=${state}${pageParam ? `&after=${pageParam}` : ''}`),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
    enabled: count > 0,
    placeholderData: keepPreviousData,
  });
  if (error !== null) return <Text size="sm">{messageOf(error)}</Text>;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (count === 0 || items.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {count === 0 ? 'None.' : 'Loading…'}
      </Text>
    );
  const hasReasons = items.some(({ reason }) => reason !== null);
  return (
    <Stack>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            {hasReasons && <Table.Th>Reason</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {makeVisible(items).map(({ modelId, name, reason }) => (
            <Table.Tr key={modelId} data-testid="bulk-item">
              <Table.Td className="wrap">
                <Anchor component={Link} href={`/models/${modelId}`} size="sm">
                  {name}
                </Anchor>
              </Table.Td>
              {hasReasons && <Table.Td>{reason}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}
