'use client';

import { Badge, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { FileView, FindingView } from '#lib/catalog/client.ts';
import { formatMoment, formatNumber } from '../../components/format.ts';
import { Call } from './call.tsx';
import { Parts } from './parts.tsx';

const CLASS_LABELS: Record<string, string> = {
  allowed: 'Allowed: needed to load tensors',
  'reference-only': 'Referenced, never called',
  'known-class': 'Known class, not instantiated',
  unknown: 'Unknown',
  dangerous: 'Dangerous',
};

/** What the scan says, finding by finding, and every name the file's pickles ask for. */
export function Findings({ file }: { file: FileView }) {
  const { findings, globals, readings, rules, scannedAt, previous } = file;
  return (
    <Stack gap="lg">
      <Parts file={file} />
      <Stack gap="sm">
        <Title order={3} fz="md">
          Findings
        </Title>
        {findings.length === 0 && (
          <Text size="sm" c="dimmed">
            {scannedAt === null ? 'The file has not been scanned yet.' : 'No findings.'}
          </Text>
        )}
        {findings.map((finding, index) => (
          <FindingItem key={index} finding={finding} />
        ))}
        {scannedAt !== null && (
          <Text size="xs" c="dimmed">
            Scanned {formatMoment(scannedAt)}
            {rules === null ? '' : ` with rules version ${rules}`}
            {previous ? `. With rules version ${previous.rules} the verdict was ${previous.state}` : ''}
          </Text>
        )}
      </Stack>
      {readings.length > 0 && <Readings readings={readings} />}
      {globals.length > 0 && (
        <Stack gap="sm">
          <Title order={3} fz="md">
            Imports
          </Title>
          <Text size="xs" c="dimmed">
            All Python objects that the file imports. The scanner does not execute them.
          </Text>
          <Table aria-label="Imports">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Classification</Table.Th>
                <Table.Th ta="right">Count</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {sortByRisk(globals).map(({ name, class: kind, count }) => (
                <Table.Tr key={name}>
                  <Table.Td>
                    <Code className="wrap">{name}</Code>
                  </Table.Td>
                  <Table.Td>{CLASS_LABELS[kind] ?? kind}</Table.Td>
                  <Table.Td ta="right">{formatNumber(count)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
      )}
    </Stack>
  );
}

/** What each program would read, of a file that is of more than one format. */
function Readings({ readings }: { readings: FileView['readings'] }) {
  return (
    <Stack gap="sm">
      <Title order={3} fz="md">
        Programs
      </Title>
      <Text size="xs" c="dimmed">
        This file has more than one format. Programs read it in different ways; the verdict is the worst of them.
      </Text>
      <Table aria-label="Programs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Program</Table.Th>
            <Table.Th>Format</Table.Th>
            <Table.Th>Verdict</Table.Th>
            <Table.Th>Reason</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {readings.map(({ program, format, verdict, why }) => (
            <Table.Tr key={program}>
              <Table.Td>
                <Code className="wrap">{program}</Code>
              </Table.Td>
              <Table.Td>{format}</Table.Td>
              <Table.Td>{verdict}</Table.Td>
              <Table.Td className="wrap">{why}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

const RISKS = ['dangerous', 'unknown', 'known-class'];

/** What a person has to look at comes first; the rest keeps its order. */
function sortByRisk(globals: FileView['globals']): FileView['globals'] {
  const riskOf = (kind: string) => (RISKS.includes(kind) ? RISKS.indexOf(kind) : RISKS.length);
  return globals.toSorted((one, other) => riskOf(one.class) - riskOf(other.class));
}

const SEVERITIES: Record<string, string> = {
  note: 'Note',
  suspicious: 'Suspicious',
  malformed: 'Malformed',
  dangerous: 'Dangerous',
  incomplete: 'Incomplete',
};

function FindingItem({ finding }: { finding: FindingView }) {
  const { severity, rule, title, message, where, call } = finding;
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
        {title !== null && (
          <Text size="sm" fw={600}>
            {title}
          </Text>
        )}
      </Group>
      <Text size="sm" className="wrap">
        {message}
      </Text>
      {call !== null && <Call text={call} />}
      <Text size="xs" c="dimmed" className="wrap">
        {[describeWhere(where), `rule ${rule}`].filter((part) => part !== '').join(' · ')}
      </Text>
    </Stack>
  );
}

/** `archive/data.pkl, byte 1,043, REDUCE`; empty for a finding about the whole file. */
function describeWhere(where: FindingView['where']): string {
  const { member, pickle, offset, opcode } = where ?? {};
  return [
    member,
    pickle === undefined || pickle === 0 ? undefined : `pickle ${pickle + 1}`,
    offset === undefined ? undefined : `byte ${formatNumber(offset)}`,
    opcode,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
