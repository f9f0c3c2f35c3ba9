import { Code, DataList, Group, Paper, Text, Title } from '@mantine/core';
import { BASES, type FieldSourceName, type FileView, labelOf, type ModelView, TYPES } from '#lib/catalog/client.ts';
import { formatBytes, formatDay } from '../../components/format.ts';
import { CopyValue } from './copy-value.tsx';
import { CONTAINERS, LAYOUTS } from './labels.ts';

/** Where a field has its value from. */
const SOURCES: Record<FieldSourceName, string> = {
  weights: 'from the weights',
  config: 'from the configuration of the model',
  metadata: 'from the metadata in the file',
  hash: 'from a known hash',
  sidecar: 'from a companion file',
  filename: 'from the file name',
  user: 'set manually',
};

/** The facts people compare first. */
export function Details({ model, file }: { model: ModelView; file: FileView }) {
  const { hashes } = file.converted ?? file;
  return (
    <Paper withBorder p="md" component="section" aria-label="Details">
      <Title order={2} fz="md" mb="sm">
        Details
      </Title>
      <DataList labelWidth="88px" gap="xs">
        <Item label="Type">
          <DetectedValue text={labelOf(TYPES, model.type)} source={model.typeSource} known={model.type !== 'unknown'} />
        </Item>
        <Item label="Base model">
          <DetectedValue text={labelOf(BASES, model.base)} source={model.baseSource} known={model.base !== 'unknown'} />
        </Item>
        <Item label="Original file">
          <span className="wrap">
            {file.filename}
            <Text size="xs" c="dimmed">
              {LAYOUTS[file.layout] ?? labelOf(CONTAINERS, file.container)}, {formatBytes(file.size)},{' '}
              {formatDay(model.createdAt)}
            </Text>
          </span>
        </Item>
        <Item label="AutoV2">
          <Group gap={4} wrap="nowrap">
            <Code>{hashes.autov2}</Code>
            <CopyValue name="AutoV2 of the download" value={hashes.autov2} />
          </Group>
        </Item>
      </DataList>
    </Paper>
  );
}

function DetectedValue({ text, source, known }: { text: string; source: FieldSourceName; known: boolean }) {
  return (
    <span>
      {text}
      {(known || source === 'user') && (
        <Text size="xs" c="dimmed">
          {SOURCES[source]}
        </Text>
      )}
    </span>
  );
}

function Item({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue miw={0}>{children}</DataList.ItemValue>
    </DataList.Item>
  );
}
