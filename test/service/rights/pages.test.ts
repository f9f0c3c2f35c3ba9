import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopQueue } from '#lib/queue/index.ts';
import { useTestEnvironment } from '#test/support/environment.ts';
import { startWeb, type TestWeb } from '#test/support/web.ts';
import { type Identity, makePeople, type People } from './identities.ts';
import { thingsOf } from './things.ts';

await useTestEnvironment();

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PAGES: Readonly<Record<string, 'everybody' | 'signed in' | 'administrators' | 'insiders'>> = {
  '(catalog)': 'everybody',
  account: 'signed in',
  'admin/audit': 'administrators',
  'admin/imports': 'administrators',
  'admin/jobs': 'administrators',
  'admin/previews': 'administrators',
  'admin/users': 'administrators',
  bulk: 'signed in',
  'bulk/[id]': 'signed in',
  'forgot-password': 'everybody',
  invitation: 'everybody',
  merge: 'signed in',
  'models/[id]': 'insiders',
  'reset-password': 'everybody',
  'sign-in': 'everybody',
  'sign-up': 'everybody',
  upload: 'signed in',
};
/** Whom only administrators know. */
const SECRET = 'viewer@example.org';

let web: TestWeb;
let people: People;
let hidden: number;
beforeAll(async () => {
  web = await startWeb();
  people = await makePeople(web.url);
  hidden = await thingsOf(people.ids.owner, false, web.url, {}).model();
});
afterAll(async () => {
  await web?.close();
  await stopQueue();
});

const open = async (path: string, { headers }: Pick<Identity, 'headers'>) => {
  const { origin: _, ...sent } = headers;
  const response = await fetch(`${web.url}/${path}`, { headers: sent, redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location'), text: await response.text() };
};

it('has a row for every page', () => {
  const pages = globSync('app/**/page.tsx', { cwd: ROOT }).map((file) => file.replace(/^app\/|\/page\.tsx$/g, ''));
  expect(pages.sort()).toEqual(Object.keys(PAGES).sort());
});

it('shows each page to whom it is for, and takes no token for a person', async () => {
  const wrong: string[] = [];
  for (const who of people.identities) {
    const isPerson = who.headers.cookie !== undefined && who.name !== 'disabled';
    for (const [page, audience] of Object.entries(PAGES)) {
      const path = page.replace('(catalog)', '').replace('[id]', String(hidden));
      const { status, location, text } = await open(path, who);
      const note = (what: string) => wrong.push(`/${path} by ${who.name}: ${status} ${location} ${what}`);
      if (status >= 500) note('failed');
      if (audience === 'insiders') {
        const sees = ['owner', 'moderator', 'admin'].includes(who.name);
        if ((status === 200) !== sees) note('');
        continue;
      }
      const isSentAway = location?.startsWith('/sign-in') ?? text.includes('/sign-in?next=');
      if (audience !== 'everybody' && !isPerson && !isSentAway) note('not asked to sign in');
      const shows = text.includes(SECRET);
      if (shows && !['viewer', 'admin'].includes(who.name)) note('shows other people');
      if (!shows && page === 'admin/users' && who.name === 'admin') note('does not show other people');
    }
  }
  expect(wrong).toEqual([]);
});

it('has no server actions, which no route declares', () => {
  const files = globSync('{app,lib}/**/*.{ts,tsx}', { cwd: ROOT });
  const actions = files.filter((file) => /^\s*['"]use server['"]/m.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(files.length).toBeGreaterThan(300);
  expect(actions).toEqual([]);
});
