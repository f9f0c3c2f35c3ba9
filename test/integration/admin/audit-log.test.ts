import { beforeAll, describe, expect, it } from 'vitest';
import { type Actor, SESSION_GRANT } from '#lib/accounts/index.ts';
import { exportAudit, listAudit, parseAuditFilter } from '#lib/admin/index.ts';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';
import { runCli } from '../../support/cli.ts';
import { useTestEnvironment } from '../../support/environment.ts';

await useTestEnvironment();

const admin: Actor = { id: 'ada', name: 'Ada', email: 'ada@example.org', role: 'admin', grant: SESSION_GRANT };
const ROWS = 1200;
const HOSTILE = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '"a,b"\r\n=2', '＝3'];

interface Row {
  id: number;
  at: Date;
  actor: string;
  action: string;
  subject: string;
  subjectId: string;
  modelId: number | null;
}
let rows: Row[];

beforeAll(async () => {
  const { id, name, email, role } = admin;
  await db().user.create({ data: { id, name, email, role } });
  // Many at one moment, some of them ahead of others that have larger ids.
  await db().$executeRaw`
    INSERT INTO audit_entry (at, actor, action, subject, "subjectId", "subjectName", "modelId", after)
    SELECT timestamptz '2026-03-01' + interval '1 hour' * ((i * 7) % 300),
           (ARRAY['ada', 'ben', 'system'])[1 + i % 3],
           (ARRAY['model.publish', 'file.retry', 'user.enable'])[1 + i % 3 % 2 + i % 2],
           CASE WHEN i % 4 = 0 THEN 'user' ELSE 'file' END,
           CASE WHEN i % 4 = 0 THEN 'ben' ELSE i::text END,
           'thing ' || i, CASE WHEN i % 5 = 0 THEN i % 20 END, NULL
      FROM generate_series(1, ${ROWS}::int) i`;
  rows = (await db().auditEntry.findMany({ orderBy: [{ at: 'desc' }, { id: 'desc' }] })).map(({ id, ...row }) => ({
    ...row,
    id: Number(id),
  }));
});

const page = (query: string) => listAudit(admin, new URLSearchParams(query));
const idsOf = ({ entries }: { entries: readonly { id: string }[] }) => entries.map((entry) => Number(entry.id));
const wanted = (keep: (row: Row) => boolean) => rows.filter(keep).map(({ id }) => id);

async function walk(query: string, direction: 'older' | 'newer', start: string | null = null): Promise<number[]> {
  const found: number[] = [];
  let next = start;
  do {
    const one = await page(next === null ? query : `${query}&${direction}=${next}`);
    if (direction === 'older') found.push(...idsOf(one));
    else found.unshift(...idsOf(one));
    next = one[direction];
  } while (next !== null);
  return found;
}

async function exported(query: string, format: 'csv' | 'jsonl'): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of exportAudit(admin, parseAuditFilter(new URLSearchParams(query)), format))
    pieces.push(piece);
  return pieces;
}

const audit = (...args: string[]) => runCli(['audit', 'export', ...args], { DATABASE_URL: config().databaseUrl ?? '' });

const CASES: [query: string, keep: (row: Row) => boolean][] = [
  ['', () => true],
  ['person=ada', ({ actor }) => actor === 'ada'],
  ['person=ben', (row) => row.actor === 'ben' || (row.subject === 'user' && row.subjectId === 'ben')],
  ['action=file.retry', ({ action }) => action === 'file.retry'],
  ['action=file.retry,user.enable', ({ action }) => action !== 'model.publish'],
  ['model=10', ({ modelId }) => modelId === 10],
  ['from=2026-03-03T05:00:00Z', ({ at }) => at >= new Date('2026-03-03T05:00:00Z')],
  ['until=2026-03-03T05:00:00Z', ({ at }) => at < new Date('2026-03-03T05:00:00Z')],
  [
    'person=ben&action=file.retry,user.enable&model=0005&from=2026-03-02&until=2026-03-10',
    (row) =>
      (row.actor === 'ben' || row.subjectId === 'ben') &&
      row.action !== 'model.publish' &&
      row.modelId === 5 &&
      row.at >= new Date('2026-03-02') &&
      row.at < new Date('2026-03-10'),
  ],
  ['person=nobody', () => false],
  // What makes no sense filters nothing.
  ["person=%00'&model=-1&from=then&time=soon&action=%3B", () => true],
];

describe('the audit log', () => {
  it.each(CASES)('finds %s, page by page to the end and back, and exports the same', async (query, keep) => {
    const ids = wanted(keep);
    expect(await walk(query, 'older')).toEqual(ids);
    expect((await page(query)).count).toBe(ids.length);
    if (ids.length > 50) {
      const last = String(ids.at(-1));
      expect(await walk(query, 'newer', last)).toEqual(ids.slice(0, -1));
    }
    const lines = (await exported(query, 'jsonl')).join('').split('\n').slice(0, -1);
    expect(lines.map((line) => Number((JSON.parse(line) as { id: string }).id))).toEqual(ids);
    const [head, ...table] = (await exported(query, 'csv')).join('').split('\r\n').slice(0, -1);
    expect(head).toBe('\ufeffid,time,person,person id,what happened,action,target,target id,model id,before,after');
    expect(table.map((line) => Number(line.split(',', 1)[0]))).toEqual(ids);
  });

  it('finds the last days by a span', async () => {
    const now = new Date('2026-03-10T00:00:00Z');
    expect(parseAuditFilter(new URLSearchParams('time=7d&from=2020-01-01'), now)).toMatchObject({
      from: new Date('2026-03-03T00:00:00Z'),
      until: null,
    });
  });

  it('offers those of removed accounts too', async () => {
    const { people } = await page('');
    // The newest entry about somebody has the name.
    const last = rows.find(({ subject, subjectId }) => subject === 'user' && subjectId === 'ben');
    expect(people).toEqual([
      { id: 'ada', name: 'Ada (ada@example.org)', isGone: false },
      { id: 'ben', name: `thing ${last?.id}`, isGone: true },
    ]);
  });

  it('is exported in pieces, and no further than it is read', async () => {
    expect(await exported('', 'jsonl')).toHaveLength(Math.ceil(ROWS / 500));
    const pieces = exportAudit(admin, parseAuditFilter(new URLSearchParams()), 'csv');
    const first = await pieces.next();
    expect(String(first.value).split('\r\n')).toHaveLength(500 + 2);
    await pieces.return(undefined);
  });

  it('is exported by the command with the same filters as the same text', async () => {
    for (const [args, query, format] of [
      [
        ['--person', 'Ada@example.org', '--action', 'file.retry,user.enable'],
        'person=ada&action=file.retry,user.enable',
        'csv',
      ],
      [
        ['--person', 'ben', '--model', '10', '--from', '2026-03-02', '--until', '2026-03-10'],
        'person=ben&model=10&from=2026-03-02&until=2026-03-10',
        'jsonl',
      ],
    ] as const) {
      const text = (await exported(query, format)).join('');
      expect(text.split('\n').length).toBeGreaterThan(3);
      // Whoever reads the command's output as text leaves the byte order mark out.
      const stdout = text.replace(/^\ufeff/, '');
      expect(await audit('--format', format, ...args)).toEqual({ code: 0, stdout, stderr: '' });
    }
  });

  it.each(HOSTILE)('exports %j such that no spreadsheet computes it', async (name) => {
    await db().auditEntry.create({
      data: {
        actor: `x${HOSTILE.indexOf(name)}`,
        actorName: name,
        action: 'model.publish',
        subject: 'model',
        subjectId: '7',
      },
    });
    const [text = ''] = await exported(`person=x${HOSTILE.indexOf(name)}`, 'csv');
    const cell = /^[^,]*,[^,]*,(?:"((?:[^"]|"")*)"|([^,]*)),/.exec(text.split('\r\n').slice(1).join('\r\n'));
    const value = (cell?.[1]?.replaceAll('""', '"') ?? cell?.[2]) as string;
    expect([name, `'${name}`]).toContain(value);
    expect(value).not.toMatch(/^[=+\-@\t\r＝]/);
  });

  it('is for administrators alone', async () => {
    const moderator: Actor = { ...admin, role: 'moderator' };
    await expect(listAudit(moderator, new URLSearchParams())).rejects.toThrow(/does not allow/);
    expect(() => exportAudit(moderator, parseAuditFilter(new URLSearchParams()), 'csv')).toThrow(/does not allow/);
    expect(() => exportAudit(null, parseAuditFilter(new URLSearchParams()), 'csv')).toThrow(/Sign in/);
    expect(() => exportAudit({ ...admin, grant: ['read'] }, parseAuditFilter(new URLSearchParams()), 'csv')).toThrow();
  });
});
