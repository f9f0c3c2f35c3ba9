import { hasAdministrator, readSetupCode } from '../accounts/index.ts';

/** What to tell whoever starts a service that nobody has an account of yet; null where somebody has. */
export async function describeFirstAccount(url: string): Promise<string | null> {
  if (await hasAdministrator()) return null;
  return [
    `Open ${url}/sign-up to create the first account, which becomes the administrator.`,
    `From another machine this takes the setup code ${await readSetupCode()}`,
  ].join('\n');
}
