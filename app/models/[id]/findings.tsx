'use client';

import { Badge, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { FileView, FindingView } from '../../../lib/catalog/client.ts';
import { formatMoment, formatNumber } from '../../components/format.ts';

const CLASS_LABELS: Record<string, string> = {
  allowed: 'Allowed: loading tensors needs it',
  'reference-only': 'Named, never called',
  'known-class': 'Known class, kept as plain data',
  unknown: 'Unknown',
  dangerous: 'Dangerous',
};

/** What the scan says, finding by finding, and every name the file's pickles ask for. */
export function Findings({ file }: { file: FileView }) {
  const { findings, globals, rules, scannedAt } = file;
  return (
    <Stack gap="lg">
      <Stack gap="sm">
        <Title order={3} fz="md">
          Findings
        </Title>
        {findings.length === 0 && (
          <Text size="sm" c="dimmed">
            {scannedAt === null ? 'The file has not been checked yet.' : 'Nothing was found.'}
          </Text>
        )}
        {findings.map((finding, index) => (
          <FindingItem key={index} finding={finding} />
        ))}
        {scannedAt !== null && (
          <Text size="xs" c="dimmed">
            Checked {formatMoment(scannedAt)}
            {rules === null ? '' : ` by the rules of ${rules}`}
          </Text>
        )}
      </Stack>
      {globals.length > 0 && (
        <Stack gap="sm">
          <Title order={3} fz="md">
            Imports
          </Title>
          <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table aria-label="Imports">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>What it is</Table.Th>
                  <Table.Th ta="right">Times</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {globals.map(({ name, class: kind, count }) => (
                  <Table.Tr key={name}>
                    <Table.Td>
                      <Code>{name}</Code>
                    </Table.Td>
                    <Table.Td>{CLASS_LABELS[kind] ?? kind}</Table.Td>
                    <Table.Td ta="right">{formatNumber(count)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Stack>
      )}
    </Stack>
  );
}

const SEVERITIES: Record<string, string> = {
  note: 'Note',
  suspicious: 'Suspicious',
  malformed: 'Malformed',
  dangerous: 'Dangerous',
  incomplete: 'Not finished',
};

function FindingItem({ finding }: { finding: FindingView }) {
  const { severity, rule, message, where, call } = finding;
  const tone = severity === 'note' ? 'quarantined' : severity;
  return (
    <Stack gap={6} data-testid="finding" data-rule={rule}>
      <Group gap="xs">
        <Badge
          size="sm"
          radius="sm"
          tt="none"
          style={{ '--badge-bg': `var(--verdict-${tone}-bg)`, '--badge-color': `var(--verdict-${tone}-fg)` }}
        >
          {SEVERITIES[severity] ?? severity}
        </Badge>
        <Code>{rule}</Code>
        {where !== null && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {describeWhere(where)}
          </Text>
        )}
      </Group>
      <Text size="sm">{message}</Text>
      {call !== null && <Code block>{call}</Code>}
    </Stack>
  );
}

/** `archive/data.pkl, byte 1,043, REDUCE`. */
function describeWhere({ member, pickle, offset, opcode }: NonNullable<FindingView['where']>): string {
  return [
    member,
    pickle === undefined || pickle === 0 ? undefined : `pickle ${pickle + 1}`,
    offset === undefined ? undefined : `byte ${formatNumber(offset)}`,
    opcode,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
