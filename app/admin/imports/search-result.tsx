import { Alert, Anchor, Stack, Table, Text, Title } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { labelOf, TYPES } from '#lib/catalog/client.ts';
import { formatBytes } from '#lib/format-bytes.ts';
import type { FolderSearch } from '#lib/imports/index.ts';
import { formatCount, formatNumber } from '../../components/format.ts';
import { makeVisible } from '../../components/visible-text.ts';
import { toCsv } from './to-csv.ts';

/** What was found in a folder, by type, and what was passed over with the reasons. */
export function SearchResult({ found }: { found: FolderSearch }) {
  const { models, bytes, companions, types, passedOver, reasons } = found;
  return (
    <Stack data-testid="search-result">
      <Alert variant="default" icon={<IconInfoCircle />} role="status">
        {formatCount(models, 'model', 'models')}, {formatBytes(bytes)},{' '}
        {formatCount(companions, 'companion file', 'companion files')}.{' '}
        {passedOver > 0 && `${formatCount(passedOver, 'file or folder', 'files and folders')} not imported.`}
      </Alert>
      {types.length > 0 && (
        <Table.ScrollContainer minWidth={280}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Type by folder</Table.Th>
                <Table.Th ta="right">Models</Table.Th>
                <Table.Th ta="right">Size</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {types.map(({ type, models: count, bytes: size }) => (
                <Table.Tr key={type}>
                  <Table.Td>{type === null ? 'Not known' : labelOf(TYPES, type)}</Table.Td>
                  <Table.Td ta="right">{formatNumber(count)}</Table.Td>
                  <Table.Td ta="right">{formatBytes(size)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {reasons.length > 0 && (
        <>
          <Title order={2} fz={18}>
            Not imported
          </Title>
          {reasons.length < passedOver && (
            <Text size="sm" c="dimmed">
              The first {formatNumber(reasons.length)} of {formatNumber(passedOver)}.
            </Text>
          )}
          <Anchor
            size="sm"
            href={`data:text/csv;charset=utf-8,${encodeURIComponent(toCsv(reasons))}`}
            download="not-imported.csv"
          >
            Download as CSV
          </Anchor>
          <Table.ScrollContainer minWidth={280} mah={480}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Path</Table.Th>
                  <Table.Th>Reason</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {reasons.map(({ path, sentence, detail }, index) => (
                  <Table.Tr key={index}>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{makeVisible(path)}</Table.Td>
                    <Table.Td>
                      {sentence} {detail !== null && makeVisible(detail)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </>
      )}
    </Stack>
  );
}
