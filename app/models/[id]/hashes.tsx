'use client';

import { Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { FileView, HashesView } from '#lib/catalog/client.ts';
import { formatBytes } from '../../components/format.ts';
import { CopyValue } from './copy-value.tsx';

const NAMES: readonly [keyof HashesView, string][] = [
  ['sha256', 'SHA-256'],
  ['autov1', 'AutoV1'],
  ['autov2', 'AutoV2'],
  ['autov3', 'AutoV3'],
  ['blake3', 'BLAKE3'],
  ['crc32', 'CRC32'],
];

/** Every digest the field's tools ask for, of what came and of what is handed out. */
export function Hashes({ file }: { file: FileView }) {
  const { converted } = file;
  const same = converted?.hashes.sha256 === file.hashes.sha256;
  return (
    <Stack gap="xl">
      {converted !== null && !same && (
        <HashTable title="Download" filename={converted.filename} size={converted.size} hashes={converted.hashes} />
      )}
      <HashTable
        title={same ? 'Download, original' : 'Original'}
        filename={file.filename}
        size={file.size}
        hashes={file.hashes}
      />
    </Stack>
  );
}

interface HashTableProps {
  title: string;
  filename: string;
  size: number;
  hashes: HashesView;
}

function HashTable({ title, filename, size, hashes }: HashTableProps) {
  return (
    <Stack gap="xs">
      <Title order={3} fz="md">
        {title}
      </Title>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {filename}, {formatBytes(size)}
      </Text>
      <Table aria-label={title} layout="fixed">
        <Table.Tbody>
          {NAMES.map(([key, name]) => {
            const value = hashes[key];
            return value === null ? null : (
              <Table.Tr key={key}>
                <Table.Th scope="row" w={90}>
                  {name}
                </Table.Th>
                <Table.Td>
                  <Group gap="xs" wrap="nowrap" justify="space-between">
                    <Code style={{ overflowWrap: 'anywhere' }}>{value}</Code>
                    <CopyValue name={name} value={value} />
                  </Group>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
