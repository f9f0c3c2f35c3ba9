'use client';

import { Button, Group, Menu, Stack, Text, Title } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconDownload } from '@tabler/icons-react';
import { useQueryStates } from 'nuqs';
import { useTransition } from 'react';
import type { AuditPage } from '#lib/admin/index.ts';
import type { ActionGroup } from '#lib/audit/index.ts';
import { formatCount, formatNumber } from '../../components/format.ts';
import { makeVisible } from '../../components/visible-text.ts';
import { AuditEntry } from './audit-entry.tsx';
import { AuditFilters } from './audit-filters.tsx';
import classes from './audit-log.module.css';
import { AUDIT_STATE, type AuditFilterState, exportPath } from './audit-state.ts';

/** Who changed what, the newest first. The URL is its whole state. */
export function AuditLog({ log, groups }: { log: AuditPage; groups: readonly ActionGroup[] }) {
  const [pending, startTransition] = useTransition();
  const [state, setState] = useQueryStates(AUDIT_STATE, { shallow: false, startTransition, history: 'push' });
  const { older: _, newer: __, ...filter } = state;
  const change = (changed: Partial<AuditFilterState>) => void setState({ ...changed, older: null, newer: null });
  const goTo = (place: { older: string | null; newer: string | null }) => void setState(place, { scroll: true });
  return (
    <Stack aria-busy={pending}>
      <Group justify="space-between">
        <Title order={1} fz={26}>
          Audit log
        </Title>
        <ExportMenu filter={filter} />
      </Group>
      <AuditFilters filter={filter} log={log} groups={groups} onChange={change} />
      <Text size="sm" c="dimmed" role="status" aria-live="polite">
        {log.count > log.most
          ? `More than ${formatNumber(log.most)} entries`
          : formatCount(log.count, 'entry', 'entries')}
      </Text>
      {log.entries.length === 0 ? (
        <Text>No entries match these filters.</Text>
      ) : (
        <ol className={classes.list} aria-label="Audit log">
          {makeVisible(log.entries).map((entry) => (
            <AuditEntry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      <Group component="nav" aria-label="Pages" gap="xs">
        <Button
          variant="default"
          disabled={log.newer === null}
          leftSection={<IconChevronLeft size={16} aria-hidden />}
          onClick={() => goTo({ older: null, newer: log.newer })}
        >
          Newer
        </Button>
        <Button
          variant="default"
          disabled={log.older === null}
          rightSection={<IconChevronRight size={16} aria-hidden />}
          onClick={() => goTo({ older: log.older, newer: null })}
        >
          Older
        </Button>
        {(state.older !== null || state.newer !== null) && (
          <Button variant="subtle" onClick={() => goTo({ older: null, newer: null })}>
            Newest
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** Downloads of everything that the filter finds. */
function ExportMenu({ filter }: { filter: AuditFilterState }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={exportPath('csv', filter)} download>
          CSV, for spreadsheets
        </Menu.Item>
        <Menu.Item component="a" href={exportPath('jsonl', filter)} download>
          JSON Lines, for programs
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
