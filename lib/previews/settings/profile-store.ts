import { type Actor, authorize } from '../../accounts/index.ts';
import { audit } from '../../audit/index.ts';
import { db } from '../../db/index.ts';
import { AppError } from '../../errors.ts';
import { PROFILE } from '../columns.ts';
import type { ProfileForm } from '../forms.ts';
import type { ProfileView } from '../types.ts';
import { SEEDED_PROFILES } from './profile-table.ts';

let seeded: Promise<void> | undefined;

/**
 * Enters the profiles that come with the program, once a process. One that nobody edited takes what a newer program
 * brings, as a new version.
 */
function ensureProfiles(): Promise<void> {
  seeded ??= seedProfiles().catch((error: unknown) => {
    seeded = undefined;
    throw error;
  });
  return seeded;
}

async function seedProfiles(): Promise<void> {
  await db().previewProfile.createMany({ data: [...SEEDED_PROFILES], skipDuplicates: true });
  for (const { id, name, data } of SEEDED_PROFILES) {
    await db().$executeRaw`
      UPDATE preview_profile SET name = ${name}, data = ${JSON.stringify(data)}::jsonb, version = version + 1, "updatedAt" = now()
       WHERE id = ${id} AND NOT edited AND data <> ${JSON.stringify(data)}::jsonb`;
  }
}

interface LoadedProfile {
  id: string;
  name: string;
  version: number;
  data: ProfileForm;
}

/** A profile as it is kept. Nothing can be rendered without one, so what cannot be read is an error. */
function readProfile(data: unknown): ProfileForm {
  const profile = PROFILE.read(data);
  if (profile === null) throw new Error('A profile of previews is empty.');
  return profile;
}

/** The first of these profiles that there is. Throws where there is none of them. */
export async function findProfile(ids: readonly string[]): Promise<LoadedProfile> {
  await ensureProfiles();
  const rows = await db().previewProfile.findMany({ where: { id: { in: [...ids] } } });
  const found = ids.flatMap((id) => rows.find((row) => row.id === id) ?? [])[0];
  if (found === undefined) throw new Error(`Profiles not found: ${ids.join(', ')}.`);
  return { id: found.id, name: found.name, version: found.version, data: readProfile(found.data) };
}

export async function listProfiles(actor: Actor | null): Promise<ProfileView[]> {
  authorize(actor, 'previews.manage');
  await ensureProfiles();
  const rows = await db().previewProfile.findMany();
  const order = SEEDED_PROFILES.map(({ id }) => id);
  return rows.map(present).sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

/** Changes a profile, as a new version: what was rendered before shows as stale. Throws AppError. */
export async function editProfile(actor: Actor | null, id: string, form: ProfileForm): Promise<ProfileView> {
  return await change(actor, id, form, true);
}

/** Takes every edit of a profile back. Throws AppError. */
export async function resetProfile(actor: Actor | null, id: string): Promise<ProfileView> {
  const own = SEEDED_PROFILES.find((profile) => profile.id === id);
  if (own === undefined) throw new AppError('not_found', 'Profile not found.');
  return await change(actor, id, own.data, false);
}

async function change(actor: Actor | null, id: string, data: ProfileForm, edited: boolean): Promise<ProfileView> {
  authorize(actor, 'previews.manage');
  await ensureProfiles();
  return await db().$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM preview_profile WHERE id = ${id} FOR UPDATE`;
    const before = await tx.previewProfile.findUnique({ where: { id } });
    if (before === null) throw new AppError('not_found', 'Profile not found.');
    const after = await tx.previewProfile.update({
      where: { id },
      data: { data, edited, version: { increment: 1 } },
    });
    await audit(tx, {
      actor: actor.id,
      action: 'preview-profile.edit',
      subject: 'preview-profile',
      subjectId: id,
      before: { version: before.version, data: PROFILE.tryRead(before.data) ?? {} },
      after: { version: after.version, data },
    });
    return present(after);
  });
}

function present(row: {
  id: string;
  name: string;
  version: number;
  data: unknown;
  edited: boolean;
  updatedAt: Date;
}): ProfileView {
  const { id, name, version, edited, updatedAt } = row;
  return { ...readProfile(row.data), id, name, version, edited, updatedAt: updatedAt.toISOString() };
}
