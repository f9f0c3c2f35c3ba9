'use client';

import { Code, DataList, Stack, Table, Text, Title } from '@mantine/core';
import { BASES, type FileView, labelOf, TYPES } from '../../../lib/catalog/client.ts';

/** What identification found, and the keys and shapes that decided it. */
export function Evidence({ file }: { file: FileView }) {
  const { identity, metadata } = file;
  const entries = Object.entries(metadata);
  return (
    <Stack gap="lg">
      {identity === null ? (
        <Text size="sm" c="dimmed">
          The file has not been identified.
        </Text>
      ) : (
        <>
          <DataList>
            <Item label="Type" value={labelOf(TYPES, identity.type)} />
            <Item label="Base" value={labelOf(BASES, identity.base)} />
            {identity.variant !== null && <Item label="Variant" value={identity.variant} />}
            {identity.prediction !== null && <Item label="Prediction" value={identity.prediction} />}
            <Item label="Confidence" value={identity.confidence} />
            {identity.components.length > 0 && <Item label="Contains" value={identity.components.join(', ')} />}
          </DataList>
          <Title order={3} fz="md">
            Evidence
          </Title>
          <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table aria-label="Evidence">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Decides</Table.Th>
                  <Table.Th>Read from</Table.Th>
                  <Table.Th>What was seen</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {identity.evidence.map(({ field, source, detail }) => (
                  <Table.Tr key={`${field} ${source} ${detail}`}>
                    <Table.Td>{field}</Table.Td>
                    <Table.Td>{source}</Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{detail}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </>
      )}
      {entries.length > 0 && (
        <Stack gap="sm">
          <Title order={3} fz="md">
            Metadata in the file
          </Title>
          <Text size="xs" c="dimmed">
            Written by whoever made the file; nothing here is checked.
          </Text>
          {entries.map(([key, value]) => (
            <div key={key}>
              <Text size="xs" fw={600}>
                {key}
              </Text>
              <Code block tabIndex={0} mah={220} style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}>
                {value}
              </Code>
            </div>
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function Item({ label, value }: { label: string; value: string }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue>{value}</DataList.ItemValue>
    </DataList.Item>
  );
}
