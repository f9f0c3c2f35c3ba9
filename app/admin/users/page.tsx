import { listUsers } from '#lib/accounts/index.ts';
import { visitor } from '../../visitor.ts';
import { Users } from './users.tsx';

export const metadata = { title: 'Users' };

export default async function UsersPage() {
  const actor = await visitor();
  return <Users users={await listUsers(actor)} self={actor?.id ?? ''} />;
}
