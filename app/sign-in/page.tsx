import { redirect } from 'next/navigation';
import { hasAdministrator, isSignUpOpen } from '#lib/accounts/index.ts';
import { config } from '#lib/config.ts';
import { CredentialsForm } from '../components/credentials-form.tsx';
import { safeNext } from '../components/next-path.ts';
import { visitor } from '../visitor.ts';

export const metadata = { title: 'Sign in' };

type SearchParams = Promise<{ next?: string | string[]; error?: string | string[] }>;

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  const { next: wanted, error } = await searchParams;
  const next = safeNext(wanted);
  const refused = typeof error === 'string' ? error : null;
  if ((await visitor()) !== null) redirect(next);
  if (!(await hasAdministrator())) redirect(`/sign-up?next=${encodeURIComponent(next)}`);
  return (
    <CredentialsForm
      kind="sign-in"
      next={next}
      open={isSignUpOpen()}
      provider={{ name: config().oidc?.name ?? null, refused }}
    />
  );
}
