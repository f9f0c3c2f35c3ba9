import { Stack } from '@mantine/core';
import { listInvitations, listUsers } from '#lib/accounts/index.ts';
import { listRoleQuotas } from '#lib/quotas/index.ts';
import { visitor } from '../../visitor.ts';
import { RoleQuotas } from './role-quotas.tsx';
import { Users } from './users.tsx';

export const metadata = { title: 'Users' };

export default async function UsersPage() {
  const actor = await visitor();
  const [users, invitations, quotas] = await Promise.all([
    listUsers(actor),
    listInvitations(actor),
    listRoleQuotas(actor),
  ]);
  return (
    <Stack gap="xl">
      <Users users={users} invitations={invitations} self={actor?.id ?? ''} />
      <RoleQuotas quotas={quotas} />
    </Stack>
  );
}
