'use client';

import { Anchor, Code, Group, Pagination, Stack, Table, Text, Title } from '@mantine/core';
import { parseAsInteger, useQueryState } from 'nuqs';
import { useTransition } from 'react';
import type { AuditPage, AuditView } from '#lib/admin/index.ts';
import { formatCount, formatMoment } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { makeVisible } from '../../components/visible-text.ts';
import { actionLabel } from './audit-labels.ts';
import classes from './audit-log.module.css';

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
              <Table.Th w={190}>User</Table.Th>
              <Table.Th w={170}>Action</Table.Th>
              <Table.Th w={150}>Target</Table.Th>
              <Table.Th>Change</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {makeVisible(log.entries).map((entry) => (
              <Table.Tr key={entry.id}>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{formatMoment(entry.at)}</Table.Td>
                <Table.Td className="wrap">{entry.actor === 'system' ? 'System' : entry.actor}</Table.Td>
                <Table.Td title={entry.action}>{actionLabel(entry.action)}</Table.Td>
                <Table.Td className={classes.subject} title={entry.subjectId}>
                  <Subject entry={entry} />
                </Table.Td>
                <Table.Td>
                  <Change before={entry.before} after={entry.after} />
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

/** A model can be gone to; the long ids of uploads, people and tokens are cut, and whole under the pointer. */
function Subject({ entry }: { entry: AuditView }) {
  const { subject, subjectId, action } = entry;
  if (subject === 'model' && action !== 'model.delete') {
    return (
      <Anchor component={Link} href={`/models/${subjectId}`} inherit>
        model {subjectId}
      </Anchor>
    );
  }
  return `${subject} ${subjectId}`;
}

function Change({ before, after }: { before: unknown; after: unknown }) {
  return (
    <Stack gap={2}>
      {before !== null && before !== undefined && <Code className={classes.change}>{show(before)}</Code>}
      {after !== null && after !== undefined && <Code className={classes.change}>→ {show(after)}</Code>}
    </Stack>
  );
}

/** `state: clean, conversion: none`; JSON for what is deeper. */
function show(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, one]) => `${key}: ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`)
    .join(', ');
}
