'use client';

import { Select, Stack, Table, Text, Title } from '@mantine/core';
import { useRouter } from 'next/navigation';
import type { UserView } from '#lib/accounts/index.ts';
import { callApi } from '../../components/call-api.ts';
import { formatDay, formatNumber } from '../../components/format.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { ROLES, roleName } from '../../components/roles.ts';
import { makeVisible } from '../../components/visible-text.ts';

const CHOICES = ROLES.map(({ value, name, may }) => ({ value, label: `${name}: ${may}` }));

/** Everybody with an account, and what they may do. */
export function Users({ users, self }: { users: UserView[]; self: string }) {
  const router = useRouter();
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
      <Title order={1} fz={26}>
        Users
      </Title>
      <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label="Users" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>E-mail</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th ta="right">Models</Table.Th>
              <Table.Th>Since</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {makeVisible(users).map((user) => (
              <Table.Tr key={user.id}>
                <Table.Td className="wrap">
                  {user.name}
                  {user.id === self && (
                    <Text span size="xs" c="dimmed">
                      {' '}
                      (you)
                    </Text>
                  )}
                </Table.Td>
                <Table.Td className="wrap">{user.email}</Table.Td>
                <Table.Td>
                  <Select
                    aria-label={`Role of ${user.name}`}
                    size="xs"
                    w={260}
                    data={CHOICES}
                    value={user.role}
                    allowDeselect={false}
                    onChange={(role) => setRole(user, role)}
                  />
                </Table.Td>
                <Table.Td ta="right">{formatNumber(user.models)}</Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{formatDay(user.createdAt)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
