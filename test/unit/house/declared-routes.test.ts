import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PERMISSIONS } from '#lib/accounts/permissions.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** What asks nobody who they are, and why. A body of any of them is held to 1 MiB all the same. */
const PUBLIC = [
  'account/invitation POST: the secret of an invitation is the right',
  'account/invitation/accept POST: the secret of an invitation is the right',
  'account/password-mail POST: somebody who cannot sign in',
  'account/password-reset POST: a link of an e-mail is the right',
  'auth/[...all] GET POST: signing in, which decides by itself',
  'health GET: answers while the database does not',
  'ready GET: answers while the database does not',
  'uploads/[[...path]] OPTIONS: what of the protocol there is',
];
/** What may be longer than 1 MiB, or is held to a length of its own. */
const LONG = [
  'auth/[...all] GET POST',
  'blobs/[sha256] PUT',
  'models/[id]/pictures POST',
  'uploads/[[...path]] DELETE HEAD PATCH POST',
];
/** Where programs without headers may put their token. */
const QUERY_TOKEN = [
  'download/models/[versionId] GET HEAD',
  'download/models/[versionId]/model.sig GET HEAD',
  'files/[id]/original GET HEAD',
  'files/[id]/thumbnail GET HEAD',
  'pictures/[id] GET HEAD',
  'pictures/[id]/thumbnail GET HEAD',
  'sidecars/[id] GET HEAD',
];

interface Declared {
  path: string;
  method: string;
  declaration?: { may: string; body?: number | 'streamed'; queryToken?: boolean };
}

async function listRoutes(): Promise<Declared[]> {
  const files = globSync('app/**/route.{ts,tsx}', { cwd: ROOT }).sort();
  const routes = await Promise.all(
    files.map(async (file) => {
      const exported = (await import(join(ROOT, file))) as Record<string, Pick<Declared, 'declaration'>>;
      const path = file.replace(/^app\/api\//, '').replace(/\/route\.tsx?$/, '');
      return Object.entries(exported)
        .filter(([method]) => METHODS.includes(method))
        .map(([method, { declaration }]) => ({ path, method, ...(declaration && { declaration }) }));
    }),
  );
  return routes.flat();
}

const routes = await listRoutes();
const linesOf = (which: (declared: NonNullable<Declared['declaration']>) => boolean) => {
  const methods = new Map<string, string[]>();
  for (const { path, method, declaration } of routes)
    if (declaration && which(declaration)) methods.set(path, [...(methods.get(path) ?? []), method]);
  return [...methods].map(([path, found]) => `${path} ${found.sort().join(' ')}`).sort();
};

it('every route handler declares who may, by `route`', () => {
  expect(routes.length).toBeGreaterThan(50);
  expect(routes.filter(({ declaration }) => declaration === undefined)).toEqual([]);
  const unknown = routes.filter(
    ({ declaration }) => !['public', ...Object.keys(PERMISSIONS)].includes(declaration?.may ?? ''),
  );
  expect(unknown).toEqual([]);
});

it('what is open to everybody, takes long bodies or a token in the address is written down', () => {
  expect(linesOf(({ may }) => may === 'public')).toEqual(PUBLIC.map((line) => line.split(':', 1)[0]));
  expect(linesOf(({ body }) => body !== undefined)).toEqual(LONG);
  expect(linesOf(({ queryToken }) => queryToken === true)).toEqual(QUERY_TOKEN);
});
