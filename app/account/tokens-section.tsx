'use client';

import { Badge, Button, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconPlus } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { TokenView } from '#lib/accounts/index.ts';
import { callApi } from '../components/call-api.ts';
import { formatDay } from '../components/format.ts';
import { notifyDone, notifyFailure } from '../components/notify.ts';
import { visibleText } from '../components/visible-text.ts';
import { NewTokenModal } from './new-token-modal.tsx';

/** The tokens one's programs use. */
export function TokensSection({ tokens, isAdmin }: { tokens: TokenView[]; isAdmin: boolean }) {
  const [making, { open, close }] = useDisclosure(false);
  return (
    <Stack gap="sm" component="section" aria-label="API tokens">
      <Group justify="space-between">
        <Title order={2} fz="lg">
          API tokens
        </Title>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
          New token
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        Scripts and apps send a token as <Code>Authorization: Bearer …</Code>, and for downloads also as{' '}
        <Code>?token=…</Code>. A token can do what its scopes allow, and never more than your role.
      </Text>
      {tokens.length === 0 ? (
        <Text size="sm">No API tokens yet.</Text>
      ) : (
        <Table.ScrollContainer minWidth={600} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table aria-label="API tokens">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Starts with</Table.Th>
                <Table.Th>Scopes</Table.Th>
                <Table.Th>Created</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th>
                  <Text span size="sm" fw={600}>
                    Revoke
                  </Text>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tokens.map((token) => (
                <TokenRow key={token.id} token={token} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {making && <NewTokenModal isAdmin={isAdmin} onClose={close} />}
    </Stack>
  );
}

function TokenRow({ token }: { token: TokenView }) {
  const router = useRouter();
  const revoke = () =>
    modals.openConfirmModal({
      title: `Revoke ${visibleText(token.name)}?`,
      children: <Text size="sm">Scripts and apps that use this token lose access immediately.</Text>,
      labels: { confirm: 'Revoke', cancel: 'Keep token' },
      confirmProps: { color: 'red.9' },
      onConfirm: () =>
        void callApi('DELETE', `/api/tokens/${token.id}`).then(
          () => {
            notifyDone('Token revoked.');
            router.refresh();
          },
          (error) => notifyFailure('Token not revoked', error),
        ),
    });
  return (
    <Table.Tr>
      <Table.Td className="wrap">{visibleText(token.name)}</Table.Td>
      <Table.Td>
        <Code>{token.prefix}…</Code>
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {token.scopes.map((scope) => (
            <Badge key={scope} variant="default" tt="none" size="sm">
              {scope}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>{formatDay(token.createdAt)}</Table.Td>
      <Table.Td>{token.lastUsedAt === null ? 'Never' : formatDay(token.lastUsedAt)}</Table.Td>
      <Table.Td>
        <Button variant="default" size="compact-sm" aria-label={`Revoke ${visibleText(token.name)}`} onClick={revoke}>
          Revoke
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
