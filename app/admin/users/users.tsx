'use client';

import { Badge, Button, Group, Select, Stack, Table, Text, Title } from '@mantine/core';
import { IconMail, IconPlus } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { InvitationView, UserView } from '#lib/accounts/index.ts';
import { callApi } from '../../components/call-api.ts';
import { formatDay, formatNumber } from '../../components/format.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { describeRole, ROLE_NAME_CHOICES, roleName } from '../../components/roles.ts';
import { makeVisible } from '../../components/visible-text.ts';
import { EditUserModal } from './edit-user-modal.tsx';
import { Invitations } from './invitations.tsx';
import { InviteModal } from './invite-modal.tsx';
import { type Leaving, LeavingModal } from './leaving-modal.tsx';
import { LinkModal, type ShownLink } from './link-modal.tsx';
import { NewUserModal } from './new-user-modal.tsx';
import { QuotaModal } from './quota-modal.tsx';
import { UserMenu } from './user-menu.tsx';

type Dialog =
  | { kind: 'create' }
  | { kind: 'invite' }
  | { kind: 'edit'; user: UserView }
  | { kind: 'quota'; user: UserView }
  | { kind: 'link'; link: ShownLink }
  | { kind: 'leaving'; leaving: Leaving; user: UserView };

interface UsersProps {
  users: UserView[];
  invitations: InvitationView[];
  self: string;
}

/** Everybody with an account, and what they may do. */
export function Users({ users: rows, invitations, self }: UsersProps) {
  const router = useRouter();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const showLink = (link: ShownLink) => setDialog({ kind: 'link', link });
  const users = makeVisible(rows);
  const setRole = (user: UserView, role: string | null) => {
    if (role === null || role === user.role) return;
    void callApi('PATCH', `/api/admin/users/${user.id}`, { role }).then(
      () => {
        notifyDone(`${user.name} is now ${roleName(role)}.`);
        router.refresh();
      },
      (error) => notifyFailure('Role not changed', error),
    );
  };
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} fz={26}>
          Users
        </Title>
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setDialog({ kind: 'create' })}
          >
            Create account
          </Button>
          <Button leftSection={<IconMail size={16} aria-hidden />} onClick={() => setDialog({ kind: 'invite' })}>
            Invite
          </Button>
        </Group>
      </Group>
      <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label="Users" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th visibleFrom="sm">E-mail</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th ta="right" visibleFrom="sm">
                Models
              </Table.Th>
              <Table.Th visibleFrom="sm">Since</Table.Th>
              <Table.Th>
                <Text span size="sm" fw={600}>
                  Actions
                </Text>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {users.map((user) => (
              <Table.Tr key={user.id}>
                <Table.Td className="wrap">
                  {user.name}
                  {user.id === self && (
                    <Text span size="xs" c="dimmed">
                      {' '}
                      (you)
                    </Text>
                  )}
                  {user.disabled && (
                    <Badge variant="default" tt="none" size="sm" ml="xs">
                      Disabled
                    </Badge>
                  )}
                  <Text size="sm" c="dimmed" hiddenFrom="sm">
                    {user.email}
                  </Text>
                </Table.Td>
                <Table.Td className="wrap" visibleFrom="sm">
                  {user.email}
                </Table.Td>
                <Table.Td>
                  <Select
                    aria-label={`Role of ${user.name}`}
                    size="xs"
                    w={{ base: 130, sm: 150 }}
                    comboboxProps={{ width: 260, position: 'bottom-start' }}
                    data={ROLE_NAME_CHOICES}
                    renderOption={({ option }) => describeRole(option.value)}
                    value={user.role}
                    allowDeselect={false}
                    onChange={(role) => setRole(user, role)}
                  />
                </Table.Td>
                <Table.Td ta="right" visibleFrom="sm">
                  {formatNumber(user.models)}
                </Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }} visibleFrom="sm">
                  {formatDay(user.createdAt)}
                </Table.Td>
                <Table.Td>
                  <UserMenu
                    user={user}
                    isSelf={user.id === self}
                    onLink={showLink}
                    onEdit={() => setDialog({ kind: 'edit', user })}
                    onQuota={() => setDialog({ kind: 'quota', user })}
                    onLeaving={(leaving) => setDialog({ kind: 'leaving', leaving, user })}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Invitations invitations={invitations} />
      {dialog?.kind === 'invite' && <InviteModal onClose={close} onCreated={showLink} />}
      {dialog?.kind === 'edit' && <EditUserModal user={dialog.user} onClose={close} />}
      {dialog?.kind === 'quota' && <QuotaModal user={dialog.user} onClose={close} />}
      {dialog?.kind === 'create' && <NewUserModal onClose={close} onCreated={showLink} />}
      {dialog?.kind === 'link' && <LinkModal link={dialog.link} onClose={close} />}
      {dialog?.kind === 'leaving' && (
        <LeavingModal
          kind={dialog.leaving}
          user={dialog.user}
          others={users.filter(({ id, disabled }) => id !== dialog.user.id && !disabled)}
          onClose={close}
        />
      )}
    </Stack>
  );
}
