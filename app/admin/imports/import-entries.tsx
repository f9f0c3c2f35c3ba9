'use client';

import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ImportEntriesPage, ImportView } from '#lib/imports/index.ts';
import { callApi, messageOf } from '../../components/call-api.ts';
import { formatBytes } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { modelPath } from '../../components/model-path.ts';
import { makeVisible } from '../../components/visible-text.ts';

/** The files of an import in one state, with the reasons, a hundred at a time; all of them as a spreadsheet. */
export function ImportEntries({ importId, state }: { importId: number; state: keyof ImportView['counts'] }) {
  const path = `/api/imports/${importId}/entries?state=${state}`;
  const { data, error, fetchNextPage, hasNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['imports', importId, state],
    queryFn: ({ pageParam }) => callApi<ImportEntriesPage>('GET', `${path}&after=${pageParam}`),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
  });
  if (error !== null) return <Text c="red">{messageOf(error)}</Text>;
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={280} mah={400}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Path</Table.Th>
              <Table.Th ta="right">Size</Table.Th>
              <Table.Th>Result</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {entries.map(({ id, path: file, size, reason, model }) => (
              <Table.Tr key={id}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{makeVisible(file)}</Table.Td>
                <Table.Td ta="right">{size > 0 && formatBytes(size)}</Table.Td>
                <Table.Td>
                  {reason !== null && <Text size="sm">{makeVisible(reason)}</Text>}
                  {model !== null && (
                    <Anchor size="sm" component={Link} href={modelPath(model)}>
                      {makeVisible(model.name)}
                    </Anchor>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group gap="md">
        {hasNextPage && (
          <Button size="xs" variant="default" loading={isFetching} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        )}
        <Anchor size="sm" href={`${path}&format=csv`} download>
          Download as CSV
        </Anchor>
      </Group>
    </Stack>
  );
}
