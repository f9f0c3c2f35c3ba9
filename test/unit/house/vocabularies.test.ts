import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { can, type Role } from '#lib/accounts/index.ts';
import { audit } from '#lib/audit/index.ts';
import { BASES, type CatalogSort } from '#lib/catalog/client.ts';
import { AppError } from '#lib/errors.ts';
import type { ServiceEvent } from '#lib/events/index.ts';
import type { StageResults, StageTask } from '#lib/ingest/stages.ts';
import type { JobKind } from '#lib/queue/index.ts';
import { RenderError } from '#lib/render/index.ts';
import type { StageName } from '#lib/stages.ts';
import { type Finding, RULES, type RuleId, type Severity } from '#scanner/index.ts';
import type { ModelEnding } from '#scanner/model-files.ts';
import { BACKBONES } from '#test/fixtures/identify/backbones.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/**
 * Never run: `npm run check` compiles it. A line below `@ts-expect-error` that does compile is an error there, so each
 * says that a misspelt word of one vocabulary does not get through.
 */
export async function misspelt(tx: Parameters<typeof audit>[0]): Promise<void> {
  // @ts-expect-error
  const rule: RuleId = 'pickle/global-dangerus';
  // @ts-expect-error
  const finding: Finding = { rule: 'scan/not-finished', severity: 'incomplete', message: '' };
  // @ts-expect-error
  const severity: Severity = 'malign';
  // @ts-expect-error
  new AppError('badrequest', '');
  // @ts-expect-error
  new RenderError('out-of-memory', '');
  // @ts-expect-error
  const stage: StageName = 'indentify';
  // @ts-expect-error
  const task: StageTask = { stage: 'hsah', path: '' };
  // @ts-expect-error
  await audit(tx, { actor: 'system', action: 'model.edited', subject: 'model', subjectId: 1 });
  // @ts-expect-error
  await audit(tx, { actor: 'system', action: 'model.publish', subject: 'models', subjectId: 1 });
  // @ts-expect-error
  await audit(tx, { actor: 'system', action: 'model.publish', subject: 'file', subjectId: 1 });
  const user = { actor: 'system', action: 'user.role', subject: 'user', subjectId: 'a' } as const;
  // @ts-expect-error
  await audit(tx, { ...user, after: { role: 'admin' } });
  // @ts-expect-error
  await audit(tx, { ...user, before: { role: 'viewer' }, after: { role: 'administrator' } });
  // @ts-expect-error
  await audit(tx, { ...user, before: { role: 'viewer' }, after: { role: 'admin', why: 'asked' } });
  // @ts-expect-error
  const sort: CatalogSort = 'updated_at';
  // @ts-expect-error
  const event: ServiceEvent['kind'] = 'uploads';
  // @ts-expect-error
  const job: JobKind = 'previews';
  // @ts-expect-error
  const role: Role = 'administrator';
  // @ts-expect-error
  can(null, 'model.remove');
  // @ts-expect-error
  const ending: ModelEnding = 'safetensor';
  void [rule, finding, severity, stage, task, sort, event, job, role, ending];
}

/** The tables of the stages name the same ones: a stage without a result, or a result without a stage, does not compile. */
export const stagesAgree: [Same<StageName, keyof StageResults>, Same<StageName, StageTask['stage']>] = [true, true];

it('every rule of the table is reported somewhere', () => {
  const root = join(import.meta.dirname, '..', '..', '..');
  const source = ['scanner', 'lib']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    .filter((path) => path.endsWith('.ts') && path !== join('scanner', 'report', 'rules.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  expect([...RULES.keys()].filter((id) => !source.includes(`'${id}'`))).toEqual([]);
});

it('every base version that is recognised has a name in the catalog', () => {
  const known = BASES.map(({ id }) => id);
  const found = new Set(BACKBONES.map(([, , { base }]) => base ?? 'unknown'));
  expect(found.size).toBeGreaterThan(30);
  expect([...found].filter((id) => !known.includes(id))).toEqual([]);
});
