import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { hasAdministrator, isSignUpOpen, needsSetupCode } from '#lib/accounts/index.ts';
import { CredentialsForm } from '../components/credentials-form.tsx';
import { safeNext } from '../components/next-path.ts';
import { visitor } from '../visitor.ts';

export const metadata = { title: 'Create an account' };

type SearchParams = Promise<{ next?: string | string[] }>;

export default async function SignUpPage({ searchParams }: { searchParams: SearchParams }) {
  const next = safeNext((await searchParams).next);
  if ((await visitor()) !== null) redirect(next);
  const first = !(await hasAdministrator());
  if (!first && !isSignUpOpen()) redirect(`/sign-in?next=${encodeURIComponent(next)}`);
  return (
    <CredentialsForm
      kind="sign-up"
      next={next}
      first={first}
      needsSetupCode={first && needsSetupCode(await headers())}
    />
  );
}
