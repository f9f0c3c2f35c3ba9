'use client';

import { Button, Group, MultiSelect, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import type { AuditPage } from '#lib/admin/index.ts';
import type { ActionGroup } from '#lib/audit/index.ts';
import { useKnowsZone } from '../../components/moment.tsx';
import { visibleText } from '../../components/visible-text.ts';
import { type AuditFilterState, NO_FILTER, TIMES } from './audit-state.ts';
import { ModelFilter } from './model-filter.tsx';

interface AuditFiltersProps {
  filter: AuditFilterState;
  log: AuditPage;
  groups: readonly ActionGroup[];
  onChange: (change: Partial<AuditFilterState>) => void;
}

/** Who, what, which model and when. */
export function AuditFilters({ filter, log, groups, onChange }: AuditFiltersProps) {
  const people = [
    { value: 'system', label: 'System' },
    ...log.people.map(({ id, name, isGone }) => ({
      value: id,
      label: visibleText(name) + (isGone ? ' (removed)' : ''),
    })),
  ];
  const unknown = filter.person !== null && !people.some(({ value }) => value === filter.person);
  const isFiltered = Object.values(filter).some(
    (value) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return (
    <Stack gap="sm" component="section" aria-label="Filters">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm">
        <Select
          label="Person"
          placeholder="Anybody"
          data={unknown ? [...people, { value: filter.person ?? '', label: `account ${filter.person}` }] : people}
          value={filter.person}
          onChange={(person) => onChange({ person })}
          searchable
          clearable
          limit={100}
          nothingFoundMessage="No matching person"
          clearButtonProps={{ 'aria-label': 'Clear person' }}
        />
        <MultiSelect
          label="Action"
          placeholder={filter.action?.length ? '' : 'Any action'}
          data={groups.map(({ title, actions }) => ({
            group: title,
            items: actions.map(({ id, label }) => ({ value: id, label })),
          }))}
          value={filter.action ?? []}
          onChange={(action) => onChange({ action: action.length === 0 ? null : action })}
          searchable
          clearable
          nothingFoundMessage="No matching action"
          clearButtonProps={{ 'aria-label': 'Clear actions' }}
        />
        <ModelFilter value={filter.model} name={log.modelName} onChange={(model) => onChange({ model })} />
        <Select
          label="Time"
          placeholder="Any time"
          data={TIMES}
          value={filter.time}
          onChange={(time) =>
            onChange({ time: TIMES.find(({ value }) => value === time)?.value ?? null, from: null, until: null })
          }
          clearable
          clearButtonProps={{ 'aria-label': 'Clear time' }}
        />
      </SimpleGrid>
      <Group gap="sm" align="flex-end">
        {filter.time === 'custom' && <Dates filter={filter} onChange={onChange} />}
        {isFiltered && (
          <Button variant="subtle" size="compact-sm" onClick={() => onChange(NO_FILTER)}>
            Clear all
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** The first and the last day, in the reader's zone. */
function Dates({ filter, onChange }: Pick<AuditFiltersProps, 'filter' | 'onChange'>) {
  const knowsZone = useKnowsZone();
  const from = knowsZone && filter.from !== null ? dayOf(new Date(filter.from)) : '';
  // What is stored is the first moment after the last day.
  const until = knowsZone && filter.until !== null ? dayOf(new Date(Date.parse(filter.until) - 1)) : '';
  return (
    <>
      <TextInput
        type="date"
        label="From"
        size="xs"
        value={from}
        max={until}
        onChange={(event) => onChange({ from: startOf(event.currentTarget.value, 0) })}
      />
      <TextInput
        type="date"
        label="To"
        size="xs"
        value={until}
        min={from}
        onChange={(event) => onChange({ until: startOf(event.currentTarget.value, 1) })}
      />
    </>
  );
}

/** `2026-11-30`, in the reader's zone. */
function dayOf(moment: Date): string {
  if (Number.isNaN(moment.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(moment.getFullYear()).padStart(4, '0')}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** The first moment of a day in the reader's zone, `days` days later; null for no day. */
function startOf(day: string, days: number): string | null {
  const [year, month, date] = day.split('-').map(Number);
  if (year === undefined || month === undefined || date === undefined) return null;
  return new Date(year, month - 1, date + days).toISOString();
}
