'use client';

import { Box, Button, Collapse, Grid, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconFilter, IconHelpHexagon, IconLayoutGrid, IconTable } from '@tabler/icons-react';
import type { RowSelectionState } from '@tanstack/react-table';
import { useQueryStates } from 'nuqs';
import { useState, useTransition } from 'react';
import type { CatalogQuery, CatalogResult, CatalogSort } from '#lib/catalog/client.ts';
import { formatCount, formatNumber, formatTotal } from '../components/format.ts';
import { BulkBar } from './bulk-bar.tsx';
import { CatalogGrid } from './catalog-grid.tsx';
import { CatalogPaging } from './catalog-paging.tsx';
import { CatalogTable } from './catalog-table.tsx';
import { FacetPanel } from './facet-panel.tsx';
import { FilterChips } from './filter-chips.tsx';
import { EmptyCatalog, NoMatch, PageTooFar, PrivateCatalog } from './nothing-found.tsx';
import { SearchBox } from './search-box.tsx';
import { type FacetName, NO_FILTERS, SEARCH_STATE, VIEWS } from './search-state.ts';
import { SortSelect } from './sort-select.tsx';

interface CatalogProps {
  query: CatalogQuery;
  result: CatalogResult;
  signedIn: boolean;
  mayUpload: boolean;
  signInFirst: boolean;
}

/** The list of models. The URL is its whole state; the server has done all filtering, sorting and counting. */
export function Catalog({ query, result, signedIn, mayUpload, signInFirst }: CatalogProps) {
  const [pending, startTransition] = useTransition();
  const [state, setState] = useQueryStates(SEARCH_STATE, { shallow: false, startTransition, history: 'push' });
  const [selection, setSelection] = useState<RowSelectionState>({});
  const [filtersOpen, filters] = useDisclosure(false);
  useHotkeys([
    ['j', () => focusRow(1)],
    ['k', () => focusRow(-1)],
  ]);

  const chosenCount =
    state.base.length + state.family.length + state.type.length + state.verdict.length + state.tag.length;
  const filtered = state.q !== '' || chosenCount > 0 || state.unknown;
  const editable = result.rows.some((row) => row.editable);
  const toggle = (facet: FacetName, value: string) => {
    const chosen = state[facet];
    const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    void setState({ [facet]: next.length === 0 ? null : next, page: null });
  };
  const sortBy = (sort: CatalogSort, dir: 'asc' | 'desc') => void setState({ sort, dir, page: null });
  const clear = () => void setState(NO_FILTERS);

  const choose = (ids: readonly number[]) => setSelection(Object.fromEntries(ids.map((id) => [id, true])));

  const nothing = () => {
    if (signInFirst) return <PrivateCatalog />;
    if (result.total > 0) return <PageTooFar onFirst={() => void setState({ page: null })} />;
    if (filtered) return <NoMatch onClear={clear} />;
    return <EmptyCatalog mayUpload={mayUpload} signedIn={signedIn} />;
  };

  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end">
        <Box>
          <Title order={1} fz={26}>
            Catalog
          </Title>
          <Text c="dimmed" size="sm" role="status" aria-live="polite">
            {result.isCapped ? `${formatTotal(result.total, true)} models` : formatCount(result.total, 'model')}
            {filtered ? ' found' : ''}
          </Text>
        </Box>
        <Group gap="xs">
          {(state.unknown || (editable && result.unknown > 0)) && (
            <Button
              variant={state.unknown ? 'light' : 'default'}
              leftSection={<IconHelpHexagon size={16} aria-hidden />}
              aria-pressed={state.unknown}
              onClick={() => void setState({ unknown: state.unknown ? null : true, page: null })}
            >
              Not identified ({formatNumber(result.unknown)})
            </Button>
          )}
          <SortSelect query={query} onSort={sortBy} />
          <SegmentedControl
            aria-label="View"
            value={state.view}
            onChange={(view) => void setState({ view: VIEWS.find((one) => one === view) ?? null })}
            data={[
              { value: 'table', label: <ViewLabel icon={<IconTable size={16} aria-hidden />} text="Table" /> },
              { value: 'grid', label: <ViewLabel icon={<IconLayoutGrid size={16} aria-hidden />} text="Grid" /> },
            ]}
          />
        </Group>
      </Group>
      <SearchBox
        value={state.q}
        busy={pending}
        onChange={(q) => void setState({ q, page: null }, { history: 'replace' })}
      />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 3, lg: 2.5 }}>
          <Button
            hiddenFrom="md"
            variant="default"
            fullWidth
            leftSection={<IconFilter size={16} aria-hidden />}
            aria-expanded={filtersOpen}
            onClick={filters.toggle}
          >
            {chosenCount === 0 ? 'Filters' : `Filters (${chosenCount})`}
          </Button>
          <Collapse expanded={filtersOpen} hiddenFrom="md" pt="md">
            <FacetPanel facets={result.facets} isCapped={result.isCapped} chosen={state} onToggle={toggle} />
          </Collapse>
          <Box visibleFrom="md">
            <FacetPanel facets={result.facets} isCapped={result.isCapped} chosen={state} onToggle={toggle} />
          </Box>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 9, lg: 9.5 }}>
          <Stack gap="md" aria-busy={pending}>
            <FilterChips
              chosen={state}
              unknown={state.unknown}
              onRemove={toggle}
              onClearUnknown={() => void setState({ unknown: null, page: null })}
              onClearText={() => void setState({ q: '', page: null })}
              onClear={clear}
            />
            {result.rows.length > 0 && state.view === 'table' && (
              <CatalogTable
                rows={result.rows}
                query={query}
                onSort={sortBy}
                onTag={(tag) => toggle('tag', tag)}
                selection={selection}
                onSelect={setSelection}
              />
            )}
            {result.rows.length > 0 && state.view === 'grid' && <CatalogGrid rows={result.rows} />}
            {result.rows.length === 0 && nothing()}
            <BulkBar
              chosen={Object.keys(selection).map(Number)}
              total={result.total}
              isCapped={result.isCapped}
              onChoose={choose}
            />
            <CatalogPaging
              query={query}
              total={result.total}
              isCapped={result.isCapped}
              onPage={(page) => void setState({ page: page === 1 ? null : page }, { scroll: true })}
              onSize={(size) => void setState({ size, page: null })}
            />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function ViewLabel({ icon, text }: { icon: React.ReactNode; text: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      {icon}
      <span>{text}</span>
    </Group>
  );
}

/** J and K walk the models; Enter then follows the link as anywhere. */
function focusRow(step: 1 | -1): void {
  const links: Element[] = [...document.querySelectorAll('[data-model-link]')];
  const current = document.activeElement === null ? -1 : links.indexOf(document.activeElement);
  const next = links[current === -1 ? (step === 1 ? 0 : links.length - 1) : current + step];
  if (next instanceof HTMLElement) next.focus();
}
