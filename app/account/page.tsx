import { listApiTokens } from '#lib/accounts/index.ts';
import { requireVisitor } from '../visitor.ts';
import { Account } from './account.tsx';

export const metadata = { title: 'Account' };

export default async function AccountPage() {
  const actor = await requireVisitor('/account');
  const { name, email, role } = actor;
  return <Account person={{ name, email, role }} tokens={await listApiTokens(actor)} />;
}
