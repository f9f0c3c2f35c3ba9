'use client';

import { Anchor, Group, Pagination, Stack, Table, Text, Title } from '@mantine/core';
import { parseAsInteger, useQueryState } from 'nuqs';
import { useTransition } from 'react';
import type { AuditPage, NamedThing } from '#lib/admin/index.ts';
import { formatCount, formatMoment } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { makeVisible } from '../../components/visible-text.ts';

/** Who changed what, the newest first. */
export function AuditLog({ log }: { log: AuditPage }) {
  const [pending, startTransition] = useTransition();
  const [, setPage] = useQueryState(
    'page',
    parseAsInteger.withDefault(1).withOptions({ shallow: false, history: 'push', scroll: true, startTransition }),
  );
  const pages = Math.ceil(log.total / log.pageSize);
  return (
    <Stack aria-busy={pending}>
      <Title order={1} fz={26}>
        Audit log
      </Title>
      <Table.ScrollContainer minWidth={960} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label="Audit log" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={190}>Time</Table.Th>
              <Table.Th w={220}>Person</Table.Th>
              <Table.Th>What happened</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {makeVisible(log.entries).map((entry) => (
              <Table.Tr key={entry.id}>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{formatMoment(entry.at)}</Table.Td>
                <Table.Td className="wrap">{entry.actor.name}</Table.Td>
                <Table.Td className="wrap">
                  {entry.sentence.map((part, index) =>
                    typeof part === 'string' ? part : <Thing key={index} thing={part} />,
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {formatCount(log.total, 'entry', 'entries')}
        </Text>
        {pages > 1 && (
          <Pagination
            size="sm"
            total={pages}
            value={Math.min(log.page, pages)}
            onChange={(page) => void setPage(page)}
            getItemProps={(page) => ({ 'aria-label': `Page ${page}` })}
            getControlProps={(control) => ({ 'aria-label': `${control} page` })}
          />
        )}
      </Group>
    </Stack>
  );
}

/** A thing by its name, linked to the page of its model where that is still there. */
function Thing({ thing }: { thing: NamedThing }) {
  if (thing.modelId === null) return thing.isGone ? `${thing.name} (deleted)` : thing.name;
  return (
    <Anchor component={Link} href={`/models/${thing.modelId}`} inherit>
      {thing.name}
    </Anchor>
  );
}
