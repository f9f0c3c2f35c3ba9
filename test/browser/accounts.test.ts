import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '#lib/postgres/index.ts';
import { startOidcProvider, type TestProvider } from '../support/oidc-provider.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { totpOf } from '../support/totp.ts';
import { closeBrowser, findViolations, newVisitor, noBrowser, settled, signUp, type Visitor } from './support/page.ts';

const PASSWORD = 'correct horse';

describe.skipIf(noBrowser !== null)('accounts', () => {
  let service: TestService;
  let provider: TestProvider;
  let admin: Visitor;

  beforeAll(async () => {
    const port = await findFreePort();
    const url = `http://localhost:${port}`;
    provider = await startOidcProvider(`${url}/api/auth/callback/oidc`);
    service = await startTestService({
      port,
      env: {
        WEIGHHOUSE_PUBLIC_URL: url,
        WEIGHHOUSE_OIDC_ISSUER: provider.issuer,
        WEIGHHOUSE_OIDC_CLIENT_ID: provider.clientId,
        WEIGHHOUSE_OIDC_CLIENT_SECRET: provider.clientSecret,
        WEIGHHOUSE_OIDC_NAME: 'Test ID',
      },
    });
    admin = await newVisitor(service.url);
    await signUp(admin.page, { name: 'Ada', email: 'ada@example.org', password: PASSWORD });
  });
  afterAll(async () => {
    await closeBrowser();
    await service.dispose();
    await provider.close();
  });

  const faultsOf = async (page: Page) => {
    await settled(page);
    return await findViolations(page);
  };
  const fillSignIn = async (page: Page, email: string, password = PASSWORD) => {
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel(/^Password/).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  const isSignedIn = (page: Page, name: string) => page.getByRole('button', { name: `Account of ${name}` }).waitFor();
  /** Invites somebody as the administrator does; the link is in the dialog. */
  const invite = async (email: string) => {
    const { page } = admin;
    await page.goto('/admin/users');
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('dialog').getByLabel('E-mail').fill(email);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create invitation' }).click();
    const link = (await page.getByTestId('new-link').textContent()) ?? '';
    await page.getByRole('button', { name: 'Done' }).click();
    return link;
  };
  /** Somebody who came by invitation, in a window of their own. */
  const newcomer = async (name: string): Promise<Visitor> => {
    const visitor = await newVisitor(service.url);
    await visitor.page.goto(await invite(`${name.toLowerCase()}@example.org`));
    await visitor.page.getByLabel('Name').fill(name);
    await visitor.page.getByLabel(/^Password/).fill(PASSWORD);
    await visitor.page.getByRole('button', { name: 'Create account' }).click();
    await isSignedIn(visitor.page, name);
    return visitor;
  };

  it('come about by invitation, and the link works once', async () => {
    const link = await invite('guest@example.org');
    const { page, context } = await newVisitor(service.url, { width: 390, height: 844 });
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    await page.goto(link);
    expect(await page.getByLabel('E-mail').inputValue()).toBe('guest@example.org');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Name').fill('Guest');
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await isSignedIn(page, 'Guest');
    // The secret is behind `#`: no request had it in its address.
    const secret = link.split('#')[1] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    expect(seen.filter((url) => new URL(url).href.split('#')[0]?.includes(secret))).toEqual([]);
    await page.goto('/');
    await page.goto(link);
    await page.getByText('This invitation is invalid').waitFor();
    await context.close();
  });

  it('get a new password by a link of an administrator, and are disabled with their models taken over', async () => {
    const { page, context } = await newcomer('Ben');
    await admin.page.goto('/admin/users');
    await admin.page.getByRole('button', { name: 'Actions for Ben' }).click();
    await admin.page.getByRole('menuitem', { name: 'Create password link' }).click();
    const link = (await admin.page.getByTestId('new-link').textContent()) ?? '';
    await page.goto(link);
    await page.getByLabel(/^New password/).fill('another horse');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('Your password is set').waitFor();
    await fillSignIn(page, 'ben@example.org', 'another horse');
    await isSignedIn(page, 'Ben');

    await admin.page.goto('/admin/users');
    await admin.page.getByRole('button', { name: 'Actions for Ben' }).click();
    await admin.page.getByRole('menuitem', { name: 'Disable account…' }).click();
    await admin.page.getByRole('dialog').waitFor();
    expect(await faultsOf(admin.page)).toEqual([]);
    await admin.page.getByRole('button', { name: 'Disable account' }).click();
    await admin.page.getByText('Ben is disabled.').waitFor();
    await page.goto('/account');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await fillSignIn(page, 'ben@example.org', 'another horse');
    await page.getByText('This account is disabled').waitFor();
    await context.close();
  });

  it('sign in with a code of an app, or a recovery code once', async () => {
    const { page, context } = await newcomer('Cleo');
    await page.goto('/account');
    const section = page.getByRole('region', { name: 'Two-factor authentication' });
    await section.getByRole('button', { name: 'Turn on' }).click();
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Continue' }).click();
    const key = (await page.getByTestId('totp-key').textContent()) ?? '';
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Code').fill(totpOf(key));
    await page.getByRole('dialog').getByRole('button', { name: 'Turn on' }).click();
    const codes = ((await page.getByTestId('recovery-codes').textContent()) ?? '').split('\n');
    expect(codes.length).toBeGreaterThanOrEqual(8);
    await page.getByRole('button', { name: 'Done' }).click();
    await section.getByText('On', { exact: true }).waitFor();

    const enter = async (label: string, code: string) => {
      await context.clearCookies();
      await fillSignIn(page, 'cleo@example.org');
      await page.getByLabel('Code').waitFor();
      expect((await context.cookies()).filter(({ name }) => name.endsWith('session_token'))).toEqual([]);
      if (label !== 'Code') await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.getByLabel(label).fill(code);
      await page.getByRole('button', { name: 'Continue' }).click();
    };
    await enter('Code', '000000');
    await page.getByRole('alert').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await enter('Code', totpOf(key));
    await isSignedIn(page, 'Cleo');
    await enter('Recovery code', codes[0] ?? '');
    await isSignedIn(page, 'Cleo');
    await enter('Recovery code', codes[0] ?? '');
    await page.getByRole('alert').waitFor();
    await context.close();
  });

  it('sign in with a passkey', async () => {
    const { page, context } = await newcomer('Dora');
    const session = await context.newCDPSession(page);
    await session.send('WebAuthn.enable');
    await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto('/account');
    await page.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('laptop');
    await page.getByRole('dialog').getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText('laptop', { exact: true }).waitFor();
    expect(await faultsOf(page)).toEqual([]);

    const byPasskey = async () => {
      await context.clearCookies();
      await page.goto('/sign-in');
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    };
    await byPasskey();
    await isSignedIn(page, 'Dora');
    await page.goto('/account');
    await page.getByRole('button', { name: 'Remove laptop' }).click();
    await page.getByText('laptop is removed.').waitFor();
    await byPasskey();
    await page.getByRole('alert').waitFor();
    await context.close();
  });

  it('sign in with an OpenID provider where the address is verified on both sides, or the account is linked', async () => {
    const { context: own } = await newcomer('Eve');
    await own.close();
    const enter = async (page: Page, login: string) => {
      await page.locator('input[name=login]').fill(login);
      await page.locator('input[name=password]').fill('anything');
      await page.locator('button[type=submit]').click();
      await page.locator('button[type=submit]').click();
    };
    const byProvider = async (login: string) => {
      const visitor = await newVisitor(service.url);
      await visitor.page.goto('/sign-in');
      await visitor.page.getByRole('button', { name: 'Sign in with Test ID' }).click();
      await enter(visitor.page, login);
      return visitor;
    };
    const known = await byProvider('eve');
    await isSignedIn(known.page, 'Eve');
    await known.context.close();
    // Ada signed up by herself: nobody has verified that the address is hers. The others: the provider has not, nobody has an account.
    for (const login of ['ada', 'unverified-eve', 'nobody', 'ben']) {
      const refused = await byProvider(login);
      await refused.page.locator('.mantine-Alert-root').waitFor();
      expect([login, new URL(refused.page.url()).pathname]).toEqual([login, '/sign-in']);
      await refused.context.close();
    }
    // In her own session she links the account herself.
    const { page } = admin;
    await page.goto('/account');
    const section = page.getByRole('region', { name: 'Sign-in with Test ID' });
    await section.getByRole('button', { name: 'Link account' }).click();
    await enter(page, 'unverified-ada');
    await section.getByText('has not verified your e-mail').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    // The provider forgets who it was.
    await admin.context.clearCookies({ name: /^_/ });
    await section.getByRole('button', { name: 'Link account' }).click();
    await enter(page, 'ada');
    await section.getByText('Linked since').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    const linked = await byProvider('ada');
    await isSignedIn(linked.page, 'Ada');
    await linked.context.close();
    await section.getByRole('button', { name: 'Unlink Test ID' }).click();
    await section.getByRole('button', { name: 'Link account' }).waitFor();
  });
});
