import { Code, Stack, Table, Text, Title } from '@mantine/core';
import type { FileView } from '#lib/catalog/client.ts';
import { formatBytes } from '../../components/format.ts';
import { VerdictBadge } from '../../components/verdict.tsx';

/** The files of a model in several, each with its own verdict. Nothing for a single file. */
export function Parts({ file }: { file: FileView }) {
  const { parts, size } = file;
  if (parts.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={3} fz="md">
        Files
      </Title>
      <Text size="sm" c="dimmed">
        {parts.length} {parts.length === 1 ? 'file' : 'files'}, {formatBytes(size)} in total
      </Text>
      <Table.ScrollContainer minWidth={420}>
        <Table aria-label="Files of the model">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Path</Table.Th>
              <Table.Th>Size</Table.Th>
              <Table.Th>Verdict</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {parts.map(({ path, size: bytes, state }) => (
              <Table.Tr key={path}>
                <Table.Td>
                  <Code style={{ overflowWrap: 'anywhere' }}>{path}</Code>
                </Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{formatBytes(bytes)}</Table.Td>
                <Table.Td>
                  <VerdictBadge verdict={state} size="sm" />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
