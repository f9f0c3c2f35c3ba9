'use client';

import { Anchor, Badge, Button, Group, Loader, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { BASES, type CompatibleModels, FAMILIES, labelOf, type ModelView, TYPES } from '#lib/catalog/client.ts';
import { callApi, messageOf } from '../../components/call-api.ts';
import { formatCount } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { modelPath } from '../../components/model-path.ts';
import { VerdictBadge } from '../../components/verdict.tsx';
import { makeVisible } from '../../components/visible-text.ts';

/** Which models of the catalog go with this one. */
export function Compatible({ model }: { model: ModelView }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['compatible', model.id, model.type, model.base],
    queryFn: () => callApi<CompatibleModels>('GET', `/api/models/${model.id}/compatible`).then(makeVisible),
  });
  if (error !== null)
    return (
      <Group>
        <Text size="sm">{messageOf(error)}</Text>
        <Button size="xs" variant="default" onClick={() => void refetch()}>
          Try again
        </Button>
      </Group>
    );
  if (data === undefined) return <Loader size="sm" role="status" aria-label="Loading compatible models" />;
  if (data.rows.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {explainNone(model, data)}
      </Text>
    );
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {data.role === 'adapter' ? 'Checkpoints' : 'Models'} for {labelOf(BASES, model.base)}, most used first:{' '}
        {data.total > data.rows.length ? `${data.rows.length} of ${data.total}` : formatCount(data.total, 'model')}.
      </Text>
      <Table aria-label="Compatible models">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th ta="right">Matching layers</Table.Th>
            <Table.Th>Verdict</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.rows.map(({ warnings, family, share, ...row }) => (
            <Table.Tr key={row.id} data-testid="compatible">
              <Table.Td className="wrap">
                <Group gap="xs">
                  <Anchor component={Link} href={modelPath(row)} size="sm" fw={600}>
                    {row.name}
                  </Anchor>
                  {family !== null && (
                    <Badge variant="default" tt="none" radius="sm" size="sm">
                      {labelOf(FAMILIES, family)}
                    </Badge>
                  )}
                </Group>
                {warnings.map((warning) => (
                  <Text key={warning} size="xs" c="dimmed">
                    {warning}
                  </Text>
                ))}
              </Table.Td>
              <Table.Td>{labelOf(TYPES, row.type)}</Table.Td>
              <Table.Td ta="right">{share === null ? '' : `${Math.floor(share * 100)} %`}</Table.Td>
              <Table.Td>
                <VerdictBadge verdict={row.verdict} size="sm" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function explainNone(model: ModelView, { role }: CompatibleModels): string {
  if (role === null) return 'Models of this type are used on their own.';
  if (model.base === 'unknown') return 'The base model is unknown. Choose Edit to set it.';
  return role === 'adapter'
    ? `The catalog has no checkpoint for ${labelOf(BASES, model.base)} yet.`
    : `The catalog has no compatible models for ${labelOf(BASES, model.base)} yet.`;
}
