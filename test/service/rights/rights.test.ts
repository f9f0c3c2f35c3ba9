import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { db } from '#lib/db/index.ts';
import { listProfiles } from '#lib/previews/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { createKeyFiles } from '#lib/signing/index.ts';
import { useTestEnvironment } from '#test/support/environment.ts';
import { startWeb, type TestWeb } from '#test/support/web.ts';
import { NOBODIES, ROWS, type Row } from './expectations.ts';
import { type Identity, makePeople, type People } from './identities.ts';
import { takeSnapshot } from './snapshot.ts';
import { type Things, thingsOf } from './things.ts';

const keys = mkdtempSync(join(tmpdir(), 'weighhouse keys '));
const WEIGHHOUSE_SIGNING_KEY = join(keys, 'signing.key');
createKeyFiles(WEIGHHOUSE_SIGNING_KEY, join(keys, 'signing.pub'));
afterAll(() => rmSync(keys, { recursive: true, force: true }));
await useTestEnvironment({
  LOG_LEVEL: 'trace',
  WEIGHHOUSE_SIGNING_KEY,
  WEIGHHOUSE_IMPORT_PRIVATE_HOSTS: '127.0.0.1:9',
});

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PARALLEL = 12;
/** What pages of other origins send. To SameSite the first two are this very site. */
const OTHER_ORIGINS: readonly Record<string, string>[] = [
  { origin: 'http://127.0.0.1:8188' },
  { origin: 'http://127.0.0.1:8188', 'sec-fetch-site': 'same-site' },
  { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  { origin: 'null' },
  { origin: '' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site' },
];

let open: TestWeb;
let closed: TestWeb;
let people: People;
beforeAll(async () => {
  open = await startWeb();
  closed = await startWeb({ WEIGHHOUSE_PRIVATE: 'yes' });
  people = await makePeople(open.url);
  await listProfiles({ id: people.ids.admin, name: '', email: '', role: 'admin', grant: ['admin'] });
});
afterAll(async () => {
  await Promise.all([open?.close(), closed?.close()]);
  await stopQueue();
});

/** A row about things that everybody sees, or about the same things of models that are not published. */
interface Case {
  row: Row;
  may: Row['may'];
  isHidden: boolean;
  method: string;
}

const methodOf = (row: Row) => row.route.split(' ', 1)[0] ?? '';
const everyCase: Case[] = ROWS.flatMap((row) => {
  const method = methodOf(row);
  // Whoever may GET gets the same answer to HEAD, declared or not.
  const hasHead = method === 'GET' && !['GET events', 'GET auth/[...all]'].includes(row.route);
  const methods = hasHead ? ['GET', 'HEAD'] : [method];
  return methods.flatMap((one) => [
    { row, may: row.may, isHidden: false, method: one },
    ...(row.mayHidden ? [{ row, may: row.mayHidden, isHidden: true, method: one }] : []),
  ]);
});
const isChange = ({ method }: Case) => !['GET', 'HEAD', 'OPTIONS'].includes(method);
const mayDo = ({ may }: Case, { name }: Identity) => may === 'everyone' || may.includes(name);

const statusesOf = ({ row }: Case): readonly number[] => [row.ok].flat();

const makersOf = (isHidden: boolean): Things => {
  const owner = people.identities.find(({ name }) => name === 'owner');
  return thingsOf(people.ids.owner, !isHidden, open.url, owner?.headers ?? {});
};

interface Prepared {
  path: string;
  body: unknown;
}

async function prepare({ row, isHidden }: Case): Promise<Prepared> {
  const make = makersOf(isHidden);
  return { path: await row.path(make), body: await row.body?.(make) };
}

async function call(web: TestWeb, { row, method }: Case, { path, body }: Prepared, headers: Record<string, string>) {
  const left = new AbortController();
  const sent = body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body);
  // Every origin but the page's own is another.
  const own = headers.origin === open.url ? { origin: web.url } : {};
  const response = await fetch(`${web.url}/api/${path}`, {
    method,
    headers: { ...row.headers, ...headers, ...own },
    signal: left.signal,
    redirect: 'manual',
    ...(sent === undefined ? {} : { body: sent as BodyInit }),
  });
  const text = response.headers.get('content-type')?.includes('json') ? await response.text() : '';
  left.abort();
  return { status: response.status, text };
}

async function all<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}

const nameOf = ({ row, method, isHidden }: Case) =>
  `${method} ${row.route.split(' ')[1]}${isHidden ? ' (not published)' : ''}`;

/** What a request that may not be answered gets. */
function refusalsOf({ row, isHidden, method }: Case, identity: Identity, isPrivate: boolean): number[] {
  const isNobody = NOBODIES.includes(identity.name);
  const isRead = method === 'GET' || method === 'HEAD';
  if (isNobody && (isPrivate || !(isRead && row.mayHidden))) return [401];
  // Of a thing that they do not see people hear nothing; who sees it may hear of the scope.
  return isRead && isHidden && isNobody ? [404] : [403, 404];
}

it('has a row for every method of every route, and for no other', () => {
  const files = globSync('app/**/route.{ts,tsx}', { cwd: ROOT });
  const routes = files.map(async (file) => {
    const exported = Object.keys((await import(join(ROOT, file))) as object);
    const folder = file.replace(/^app\/api\//, '').replace(/\/route\.tsx?$/, '');
    return exported.filter((name) => /^[A-Z]+$/.test(name)).map((method) => `${method} ${folder}`);
  });
  const known = new Set(ROWS.map(({ route }) => route));
  return Promise.all(routes).then((found) => {
    const methods = found
      .flat()
      .filter((route) => !(route.startsWith('HEAD') && known.has(route.replace('HEAD', 'GET'))));
    expect([...known].sort()).toEqual(methods.sort());
  });
});

describe.each([
  ['a catalog', false],
  ['a private catalog', true],
] as const)('%s', (_, isPrivate) => {
  const web = () => (isPrivate ? closed : open);
  // What differs there is who may look; HEAD and the changes of whoever may were tried in the other one.
  const cases = everyCase.filter(({ method }) => !isPrivate || method !== 'HEAD');
  const wellKnown = ({ row, may, isHidden, method }: Case): Case =>
    isPrivate && may !== 'everyone'
      ? { row, may: may.filter((name) => !NOBODIES.includes(name)), isHidden, method }
      : { row, may, isHidden, method };

  it('refuses whoever may not, and whoever asks by a page of another origin, and changes nothing', async () => {
    const prepared = new Map<Case, Prepared>();
    await all(cases, async (one) => void prepared.set(one, await prepare(one)));
    const before = await takeSnapshot();
    const wrong: string[] = [];
    const check = (label: string, status: number, expected: readonly number[], text: string) => {
      if (!expected.includes(status))
        wrong.push(`${label}: ${status} in place of ${expected.join(' or ')} ${text.slice(0, 120)}`);
    };

    const refused = cases.flatMap((one) =>
      people.identities.filter((who) => !mayDo(wellKnown(one), who)).map((who) => ({ one, who })),
    );
    expect(refused.length).toBeGreaterThan(1000);
    await all(refused, async ({ one, who }) => {
      const isVain = one.row.inVain?.includes(who.name) ?? false;
      const { status, text } = await call(web(), one, prepared.get(one) as Prepared, who.headers);
      check(`${nameOf(one)} by ${who.name}`, status, isVain ? statusesOf(one) : refusalsOf(one, who, isPrivate), text);
    });

    const sessions = people.identities.filter(({ headers }) => headers.cookie);
    const asked = cases.filter(isChange).flatMap((one) => {
      const who = sessions.find((session) => mayDo(one, session));
      return who === undefined ? [] : OTHER_ORIGINS.map((other) => ({ one, who, other }));
    });
    expect(asked.length).toBeGreaterThan(100);
    await all(asked, async ({ one, who, other }) => {
      const { status, text } = await call(web(), one, prepared.get(one) as Prepared, {
        cookie: who.headers.cookie ?? '',
        ...other,
      });
      check(`${nameOf(one)} by ${who.name} from ${JSON.stringify(other)}`, status, [403], text);
    });

    const tokens = people.identities.filter(({ name }) => name === 'admin:all' || name === 'owner:write');
    const byAddress = cases
      .filter(({ row }) => !row.download && row.may !== 'everyone')
      .flatMap((one) => tokens.map((who) => ({ one, who })));
    await all(byAddress, async ({ one, who }) => {
      const { path, body } = prepared.get(one) as Prepared;
      const query = `${path.includes('?') ? '&' : '?'}token=${who.token}`;
      const { status, text } = await call(web(), one, { path: path + query, body }, {});
      check(`${nameOf(one)} by ?token= of ${who.name}`, status, [401], text);
      if (one.method !== 'HEAD' && !text.includes('Authorization: Bearer'))
        wrong.push(`${nameOf(one)} does not say where tokens go: ${text}`);
    });

    expect(wrong).toEqual([]);
    expect(await takeSnapshot()).toEqual(before);
  });

  it('lets do what each may, from pages of its own', async () => {
    const wrong: string[] = [];
    const allowed = cases
      .filter((one) => !isPrivate || !isChange(one))
      .flatMap((one) => people.identities.filter((who) => mayDo(wellKnown(one), who)).map((who) => ({ one, who })));
    const still = new Map<Case, Promise<Prepared>>();
    const tryOne = async ({ one, who }: { one: Case; who: Identity }) => {
      if (!still.has(one)) still.set(one, prepare(one));
      const prepared = await (isChange(one) ? prepare(one) : still.get(one));
      const { status, text } = await call(web(), one, prepared as Prepared, who.headers);
      // So many at once are too many guesses at a password, which are counted after the right to make one.
      const isLimited = status === 429 && one.row.guesses === true;
      if (!isLimited && !statusesOf(one).includes(status))
        wrong.push(
          `${nameOf(one)} by ${who.name}: ${status} in place of ${statusesOf(one).join(' or ')} ${text.slice(0, 160)}`,
        );
    };
    await all(
      allowed.filter(({ one }) => !one.row.last),
      tryOne,
    );
    await all(
      allowed.filter(({ one }) => one.row.last),
      tryOne,
    );
    await all(
      cases.filter(({ row }) => row.download),
      async (one) => {
        const { path } = (await still.get(one)) as Prepared;
        for (const { name, token } of people.identities) {
          if (token === null) continue;
          const expected = mayDo(wellKnown(one), { name, token, headers: {} });
          const { status } = await call(web(), one, { path: `${path}?token=${token}`, body: undefined }, {});
          if ((status === 200) !== expected) wrong.push(`${nameOf(one)} by ?token= of ${name}: ${status}`);
        }
      },
    );
    expect(wrong).toEqual([]);
  });

  it('has no token in what it prints', () => {
    for (const { token } of people.identities) if (token !== null) expect(web().output()).not.toContain(token);
  });
});

it('answers no other method, even to an administrator', async () => {
  const rows = new Map(ROWS.map((row) => [row.route.split(' ')[1], row]));
  const admin = people.identities.find(({ name }) => name === 'admin');
  const asked = [...rows].flatMap(([folder, row]) =>
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
      .filter((method) => !ROWS.some(({ route }) => route === `${method} ${folder}`))
      .map((method) => ({ row, may: row.may, isHidden: false, method })),
  );
  const wrong: string[] = [];
  await all(asked, async (one) => {
    const { status } = await call(
      open,
      one,
      { path: (await prepare(one)).path, body: undefined },
      admin?.headers ?? {},
    );
    if (status !== 405) wrong.push(`${nameOf(one)}: ${status}`);
  });
  expect(asked.length).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});

it('keeps no token in its rows, but their digests', async () => {
  const everything = JSON.stringify(await takeSnapshot());
  expect(await db().apiToken.count()).toBeGreaterThan(10);
  for (const { token } of people.identities) if (token !== null) expect(everything).not.toContain(token);
});
