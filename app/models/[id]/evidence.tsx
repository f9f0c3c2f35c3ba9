'use client';

import { Alert, Code, DataList, Stack, Table, Text, Title } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { BASES, FAMILIES, type FileView, labelOf, type ModelView, TYPES } from '#lib/catalog/client.ts';
import { formatNumber } from '../../components/format.ts';
import { Candidates } from './candidates.tsx';
import {
  ALGORITHMS,
  COMPONENTS,
  CONFIDENCES,
  EVIDENCE_FIELDS,
  EVIDENCE_SOURCES,
  PREDICTIONS,
  VARIANTS,
} from './labels.ts';
import { NamedTensors } from './named-tensors.tsx';
import { Recorded } from './recorded.tsx';
import { Sidecars } from './sidecars.tsx';

type Coverage = NonNullable<NonNullable<FileView['identity']>['coverage']>;

/** What identification found, and the keys and shapes that decided it. */
export function Evidence({ model, file }: { model: ModelView; file: FileView }) {
  const { identity, metadata } = file;
  const entries = Object.entries(metadata);
  return (
    <Stack gap="lg">
      {identity === null ? (
        <Text size="sm" c="dimmed">
          The file has not been identified yet.
        </Text>
      ) : (
        <>
          {(model.typeSource === 'user' || model.baseSource === 'user') && (
            <Alert variant="default" icon={<IconInfoCircle aria-hidden />}>
              Type or base model were set manually. The automatic detection below is shown for reference only.
            </Alert>
          )}
          <DataList>
            <Item label="Type" value={labelOf(TYPES, identity.type)} />
            {identity.algorithm !== undefined && (
              <Item label="Algorithm" value={labelOf(ALGORITHMS, identity.algorithm)} />
            )}
            <Item label="Base model" value={labelOf(BASES, identity.base)} />
            {identity.variant !== null && <Item label="Variant" value={labelOf(VARIANTS, identity.variant)} />}
            {identity.family && <Item label="Family" value={labelOf(FAMILIES, identity.family)} />}
            {identity.merge && <Item label="Merge" value="Yes (recorded in the metadata)" />}
            {identity.prediction !== null && (
              <Item label="Prediction type" value={labelOf(PREDICTIONS, identity.prediction)} />
            )}
            <Item label="Confidence" value={labelOf(CONFIDENCES, identity.confidence)} />
            {identity.coverage !== undefined && <Item label="Match" value={coverageWords(identity.coverage)} />}
            {identity.components.length > 0 && (
              <Item label="Contains" value={identity.components.map((id) => labelOf(COMPONENTS, id)).join(', ')} />
            )}
            {identity.absent !== undefined && identity.absent.length > 0 && (
              <Item label="Missing" value={identity.absent.map((id) => labelOf(COMPONENTS, id)).join(', ')} />
            )}
            {identity.precision !== undefined && identity.precision.length > 0 && (
              <Item label="Precision" value={identity.precision.join(', ')} />
            )}
            {identity.parameters !== undefined && <Item label="Parameters" value={formatNumber(identity.parameters)} />}
            {identity.lora !== undefined && (
              <>
                <Item label="Layers" value={formatNumber(identity.lora.modules)} />
                {identity.lora.ranks.length > 0 && <Item label="Rank" value={identity.lora.ranks.join(', ')} />}
                {identity.lora.alphas.length > 0 && <Item label="Alpha" value={identity.lora.alphas.join(', ')} />}
              </>
            )}
          </DataList>
          <Candidates model={model} identity={identity} />
          {identity.problems?.map((problem) => (
            <Text key={problem} size="sm" className="wrap">
              {problem}
            </Text>
          ))}
          {identity.missingTensors && (
            <NamedTensors
              one="of the model is missing"
              many="of the model are missing"
              tensors={identity.missingTensors}
            />
          )}
          {identity.surplusTensors && (
            <NamedTensors
              one="is not part of a checkpoint"
              many="are not part of a checkpoint"
              tensors={identity.surplusTensors}
            />
          )}
          <Title order={3} fz="md">
            Evidence
          </Title>
          <Table aria-label="Evidence">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Field</Table.Th>
                <Table.Th>Source</Table.Th>
                <Table.Th>Evidence</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {identity.evidence.map(({ field, source, detail }) => (
                <Table.Tr key={`${field} ${source} ${detail}`}>
                  <Table.Td>{labelOf(EVIDENCE_FIELDS, field)}</Table.Td>
                  <Table.Td>{labelOf(EVIDENCE_SOURCES, source)}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{detail}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
      <Recorded file={file} />
      <Sidecars file={file} />
      {entries.length > 0 && (
        <Stack gap="sm">
          <Title order={3} fz="md">
            Metadata in the file
          </Title>
          <Text size="xs" c="dimmed">
            Written by the author of the file and not verified.
          </Text>
          {entries.map(([key, value]) => (
            <div key={key}>
              <Text size="xs" fw={600} className="wrap">
                {key}
              </Text>
              <Code block tabIndex={0} mah={220} className="wrap" style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}>
                {value}
              </Code>
            </div>
          ))}
        </Stack>
      )}
    </Stack>
  );
}

/** What share of the file is explained, what is missing, and how far the next base model is behind. */
function coverageWords({ unit, total, explained, missing, runnerUp }: Coverage): string {
  const share = total === 0 ? 0 : Math.floor((explained / total) * 100);
  return [
    `${formatNumber(explained)} of ${formatNumber(total)} ${unit} (${share} %)`,
    ...(missing > 0 ? [`${formatNumber(missing)} missing`] : []),
    runnerUp === explained
      ? 'another base model matches as many'
      : `the next base model matches ${formatNumber(runnerUp)}`,
  ].join('; ');
}

function Item({ label, value }: { label: string; value: string }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue>{value}</DataList.ItemValue>
    </DataList.Item>
  );
}
