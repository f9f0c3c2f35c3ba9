import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type Actor, authorize, readSecret } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { SITES, type Site } from './types.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The sites that the person has a token for. Nobody is shown the tokens themselves. */
export async function listSiteTokens(actor: Actor | null): Promise<Site[]> {
  authorize(actor, 'account.manage');
  const rows = await db().siteToken.findMany({ where: { userId: actor.id }, select: { site: true } });
  return SITES.filter((site) => rows.some((row) => row.site === site));
}

/** Keeps a token of the person's own for a site, in place of an earlier one. */
export async function setSiteToken(actor: Actor | null, site: Site, token: string): Promise<void> {
  authorize(actor, 'account.manage');
  const { id: userId } = actor;
  const sealed = seal(token, await readKey(), nameOf(userId, site));
  await db().$transaction(async (tx) => {
    await tx.siteToken.upsert({
      where: { userId_site: { userId, site } },
      create: { userId, site, sealed },
      update: { sealed, createdAt: new Date() },
    });
    await audit(tx, {
      actor: userId,
      action: 'user.set-site-token',
      subject: 'user',
      subjectId: userId,
      after: { site },
    });
  });
}

/** Throws AppError `not_found` where there is none. */
export async function removeSiteToken(actor: Actor | null, site: Site): Promise<void> {
  authorize(actor, 'account.manage');
  const { id: userId } = actor;
  await db().$transaction(async (tx) => {
    const { count } = await tx.siteToken.deleteMany({ where: { userId, site } });
    if (count === 0) throw new AppError('not_found', 'You have no token for this site.');
    await audit(tx, {
      actor: userId,
      action: 'user.remove-site-token',
      subject: 'user',
      subjectId: userId,
      before: { site },
    });
  });
}

/** The person's token for a site; null where there is none, or where it was sealed with another secret. */
export async function readSiteToken(userId: string, site: Site): Promise<string | null> {
  const row = await db().siteToken.findUnique({ where: { userId_site: { userId, site } }, select: { sealed: true } });
  return row === null ? null : open(row.sealed, await readKey(), nameOf(userId, site));
}

/** A token that is copied to another person or site does not open there. */
function nameOf(userId: string, site: Site): Buffer {
  return Buffer.from(`${site} ${userId}`);
}

async function readKey(): Promise<Buffer> {
  return Buffer.from(hkdfSync('sha256', await readSecret(), '', 'weighhouse tokens of other sites', 32));
}

function seal(text: string, key: Buffer, name: Buffer): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(name);
  const bytes = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), bytes]));
}

function open(sealed: Uint8Array, key: Buffer, name: Buffer): string | null {
  const bytes = Buffer.from(sealed);
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(name).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}
