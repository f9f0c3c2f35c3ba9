import { beforeAll, describe, expect, it } from 'vitest';
import { type Actor, SESSION_GRANT } from '#lib/accounts/index.ts';
import { listAudit } from '#lib/admin/index.ts';
import { ACTION_GROUPS, audit, describeAction, named } from '#lib/audit/index.ts';
import { deleteModel, editModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';

await useTestEnvironment();

const admin: Actor = { id: 'ada', name: 'Ada', email: 'ada@example.org', role: 'admin', grant: SESSION_GRANT };

/** The sentences of the log, the newest first, as a page puts them together. */
async function sentences(): Promise<string[]> {
  const { entries } = await listAudit(admin, new URLSearchParams());
  return entries.map(({ actor, sentence }) =>
    [actor, ' ', ...sentence]
      .map((part) => (typeof part === 'string' ? part : `<${part.name}${part.isGone ? '?' : ''}>`))
      .join(''),
  );
}

beforeAll(async () => {
  const { id, name, email, role } = admin;
  await db().user.create({ data: { id, name, email, role } });
  await db().user.create({ data: { id: 'ben', name: 'Ben', email: 'ben@example.org' } });
});

describe('the audit log in words', () => {
  it('names people and models, also when they are gone', async () => {
    const model = await db().model.create({ data: { name: 'Old lighthouse', slug: 'a', ownerId: 'ben' } });
    await audit(db(), {
      actor: 'ben',
      action: 'model.create',
      subject: 'model',
      subjectId: model.id,
      after: { name: 'Old lighthouse' },
    });
    await editModel(admin, model.id, { name: 'Lighthouse', type: 'lora', tags: ['sea'] });
    const user = { action: 'user.role', subject: 'user', subjectId: 'ben' } as const;
    await audit(db(), { actor: 'ada', ...user, before: { role: 'viewer' }, after: { role: 'admin' } });

    expect(await sentences()).toEqual([
      '<Ada (ada@example.org)> changed the role of <Ben (ben@example.org)> from Viewer to Administrator',
      '<Ada (ada@example.org)> edited <Lighthouse>: name from “Old lighthouse” to “Lighthouse”, type from Unknown to LoRA and added the tag “sea”',
      '<Ben (ben@example.org)> created the model <Lighthouse>',
    ]);

    await deleteModel(admin, model.id);
    await db().user.delete({ where: { id: 'ben' } });
    expect(await sentences()).toEqual([
      '<Ada (ada@example.org)> deleted the model <Lighthouse?> with 0 files',
      '<Ada (ada@example.org)> changed the role of <Ben (ben@example.org)?> from Viewer to Administrator',
      expect.stringMatching(/^<Ada \(ada@example.org\)> edited <Lighthouse\?>: /),
      '<Ben (ben@example.org)?> created the model <Lighthouse?>',
    ]);
  });

  it('reads rows of other versions, and of shapes that nobody foresaw', async () => {
    const rows = [
      { action: 'user.role', subject: 'user', subjectId: 'zed', after: { role: 'admin' } },
      { action: 'user.role', subject: 'user', subjectId: 'zed', before: { role: 'owner' }, after: { role: 'boss' } },
      { action: 'file.state', subject: 'file', subjectId: '7', before: 'clean', after: ['dangerous'] },
      { action: 'model.frobnicate', subject: 'model', subjectId: '99', after: { deep: { er: [1] } } },
      { action: '__proto__', subject: 'constructor', subjectId: 'x', after: {} },
    ];
    for (const row of rows) await db().auditEntry.create({ data: { actor: 'system', ...row } });

    expect((await sentences()).slice(0, rows.length).reverse()).toEqual([
      '<System> changed a role (<account zed?>)',
      '<System> changed the role of <account zed?> from owner to boss',
      '<System> changed the state of a file (<file 7?>)',
      '<System> did something that this version does not know (model.frobnicate) to <model 99?>',
      '<System> did something that this version does not know (__proto__) to <constructor x?>',
    ]);
  });

  it('takes any details for any action without failing and without raw JSON', () => {
    const details = [null, undefined, 1, 'text', [], {}, [{}], { state: { a: 1 } }, { role: 7 }, { models: 'none' }];
    for (const { id } of ACTION_GROUPS.flatMap(({ actions }) => actions))
      for (const before of details)
        for (const after of details) {
          const words = describeAction(id, named('model', 1, 'x'), before, after).filter(
            (one) => typeof one === 'string',
          );
          expect(words.join(' ')).not.toMatch(/[{}[\]]|undefined|null/);
        }
  });

  it('is append-only in the database itself', async () => {
    const count = await db().auditEntry.count();
    expect(count).toBeGreaterThan(0);
    await expect(db().auditEntry.updateMany({ data: { actor: 'nobody' } })).rejects.toThrow(/append-only/);
    await expect(db().auditEntry.deleteMany()).rejects.toThrow(/append-only/);
    await expect(db().$executeRaw`TRUNCATE audit_entry`).rejects.toThrow(/append-only/);
    expect(await db().auditEntry.count()).toBe(count);
  });
});
