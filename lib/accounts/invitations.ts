import { createHash, randomBytes } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import { z } from 'zod';
import { audit } from '../audit/index.ts';
import { db, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { canSendMail, sendMail } from '../mail/index.ts';
import { insertUser } from './insert-user.ts';
import { addressOf, invitationPath } from './links.ts';
import { type Actor, authorize, type Role } from './permissions.ts';
import { EMAIL, NEW_PASSWORD, PERSON_NAME } from './person.ts';
import { ROLES } from './users.ts';

const DAY_MS = 24 * 3_600_000;
const MAX_SHOWN = 100;

export const NEW_INVITATION = z.strictObject({
  /** The address that the account gets; null lets the person choose one. */
  email: EMAIL.nullable().default(null),
  role: z.enum(ROLES),
  days: z.int().min(1).max(90).default(7),
});
export type NewInvitation = z.infer<typeof NEW_INVITATION>;

/** What the person who was invited fills in. `email` counts where the invitation names none. */
export const ACCEPTANCE = z.strictObject({
  token: z.string().min(1).max(200),
  name: PERSON_NAME,
  email: EMAIL.nullable().default(null),
  password: NEW_PASSWORD,
});
export type Acceptance = z.infer<typeof ACCEPTANCE>;

export type InvitationState = 'open' | 'accepted' | 'expired' | 'revoked';

export interface InvitationView {
  id: string;
  email: string | null;
  role: Role;
  state: InvitationState;
  createdAt: string;
  expiresAt: string;
}

export interface NewInvitationLink {
  id: string;
  path: string;
  expiresAt: string;
  /** Whether it was sent by e-mail. */
  sent: boolean;
}

/** Makes an invitation, and sends it where a mail server is set. The path holds its secret behind `#`, where no log sees it, and is returned this once. */
export async function createInvitation(
  actor: Actor | null,
  { email, role, days }: NewInvitation,
): Promise<NewInvitationLink> {
  authorize(actor, 'users.manage');
  const secret = randomBytes(24).toString('base64url');
  const expiresAt = new Date(Date.now() + days * DAY_MS);
  const id = await db().$transaction(async (tx) => {
    if (email !== null && (await tx.user.findUnique({ where: { email }, select: { id: true } })) !== null)
      throw new AppError('conflict', `An account with the e-mail ${email} exists already.`);
    const { id } = await tx.invitation.create({
      data: { hash: digestOf(secret), email, role, createdBy: actor.id, expiresAt },
    });
    await audit(tx, {
      actor: actor.id,
      action: 'invitation.create',
      subject: 'invitation',
      subjectId: id,
      after: { email, role, expiresAt: expiresAt.toISOString() },
    });
    return id;
  });
  const path = invitationPath(secret);
  const sent = email !== null && canSendMail() && (await sendInvitation(email, path, expiresAt));
  return { id, path, expiresAt: expiresAt.toISOString(), sent };
}

async function sendInvitation(to: string, path: string, expiresAt: Date): Promise<boolean> {
  const text = `You are invited to Weighhouse. To create your account, open this link before ${expiresAt.toUTCString()}:\n\n${addressOf(path)}\n`;
  return sendMail({ to, subject: 'Invitation to Weighhouse', text }).then(
    () => true,
    // Whoever invites sees the link and can send it.
    () => false,
  );
}

/** The newest invitations, 100 at most. */
export async function listInvitations(actor: Actor | null): Promise<InvitationView[]> {
  authorize(actor, 'users.manage');
  const rows = await db().invitation.findMany({ orderBy: { createdAt: 'desc' }, take: MAX_SHOWN });
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    role: row.role,
    state: stateOf(row),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
}

/** Makes an invitation useless. Throws AppError `not_found` where it is not open. */
export async function revokeInvitation(actor: Actor | null, id: string): Promise<void> {
  authorize(actor, 'users.manage');
  await db().$transaction(async (tx) => {
    const { count } = await tx.invitation.updateMany({
      where: { id, acceptedAt: null, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    if (count === 0) throw new AppError('not_found', 'Invitation not found, or it was used or revoked already.');
    await audit(tx, { actor: actor.id, action: 'invitation.revoke', subject: 'invitation', subjectId: id });
  });
}

/** What the page shows to whoever holds the secret of an open invitation. Throws AppError `bad_request` for any other. */
export async function readInvitation(token: string): Promise<{ email: string | null; role: Role }> {
  const { email, role } = await db().$transaction((tx) => requireOpen(tx, token));
  return { email, role };
}

/** The newest open invitation that names this address; null where there is none. */
export async function findInvitationFor(email: string): Promise<{ id: string; role: Role } | null> {
  const rows = await db().invitation.findMany({
    where: { email: email.toLowerCase(), acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
    orderBy: { createdAt: 'desc' },
  });
  for (const { id, role, createdBy } of rows) if (await mayInvite(db(), createdBy)) return { id, role };
  return null;
}

/** Makes the account that an invitation is for, once. Throws AppError. */
export async function acceptInvitation({ token, name, email, password }: Acceptance): Promise<{ email: string }> {
  const hash = await hashPassword(password);
  return await db().$transaction(async (tx) => {
    const invitation = await requireOpen(tx, token);
    const address = invitation.email ?? email;
    if (address === null) throw new AppError('bad_request', 'Enter an e-mail address.');
    // An address is known to be the person's only where whoever invited named it.
    const emailVerified = invitation.email !== null;
    const id = await insertUser(tx, { name, email: address, role: invitation.role, emailVerified, hash });
    if (id === null)
      throw new AppError('conflict', 'An account with this e-mail exists already. Sign in, or use another e-mail.');
    await spendInvitation(tx, invitation, id);
    return { email: address };
  });
}

/** Ends an invitation with the account that it was for. */
export async function spendInvitation(tx: Tx, { id, role }: { id: string; role: Role }, userId: string): Promise<void> {
  await tx.invitation.update({ where: { id }, data: { acceptedAt: new Date(), acceptedBy: userId } });
  await audit(tx, {
    actor: userId,
    action: 'invitation.accept',
    subject: 'invitation',
    subjectId: id,
    after: { user: userId, role },
  });
}

/** The open invitation with this secret, its row locked so that two who use it wait for one another. */
async function requireOpen(tx: Tx, token: string) {
  const hash = digestOf(token);
  await tx.$queryRaw`SELECT id FROM invitation WHERE hash = ${hash} FOR UPDATE`;
  const invitation = await tx.invitation.findUnique({ where: { hash } });
  if (invitation === null || stateOf(invitation) !== 'open' || !(await mayInvite(tx, invitation.createdBy)))
    throw new AppError(
      'bad_request',
      'This invitation is invalid, has expired or was used already. Ask an administrator for a new one.',
    );
  return invitation;
}

/** An invitation ends with the role of who made it: a former administrator must not come back with one. */
async function mayInvite(tx: Tx, createdBy: string): Promise<boolean> {
  if (createdBy === 'system') return true;
  const person = await tx.user.findUnique({ where: { id: createdBy }, select: { role: true, disabledAt: true } });
  return person !== null && person.role === 'admin' && person.disabledAt === null;
}

interface Dates {
  acceptedAt: Date | null;
  revokedAt: Date | null;
  expiresAt: Date;
}

function stateOf({ acceptedAt, revokedAt, expiresAt }: Dates): InvitationState {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'revoked';
  return expiresAt <= new Date() ? 'expired' : 'open';
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
