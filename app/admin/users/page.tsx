import { listInvitations, listUsers } from '#lib/accounts/index.ts';
import { visitor } from '../../visitor.ts';
import { Users } from './users.tsx';

export const metadata = { title: 'Users' };

export default async function UsersPage() {
  const actor = await visitor();
  const [users, invitations] = await Promise.all([listUsers(actor), listInvitations(actor)]);
  return <Users users={users} invitations={invitations} self={actor?.id ?? ''} />;
}
