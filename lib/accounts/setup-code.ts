import { randomInt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { db, type Tx } from '../db/index.ts';

const KEY = 'setup-code';
/** Without letters and digits that look alike. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 3;
const GROUP_LENGTH = 4;

/** What whoever makes the first account proves with that the service is theirs: one code for all processes, made when first wanted. */
export async function readSetupCode(): Promise<string> {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const value = Array.from({ length: GROUPS }, group).join('-');
  await db().setting.createMany({ data: [{ key: KEY, value }], skipDuplicates: true });
  const setting = await db().setting.findUniqueOrThrow({ where: { key: KEY } });
  return z.string().parse(setting.value);
}

/** Whether this is the code, however it is written. */
export async function isSetupCode(given: string): Promise<boolean> {
  const [typed, code] = [given, await readSetupCode()].map((text) =>
    Buffer.from(
      text
        .toUpperCase()
        .replace(/[^0-9A-Z]/g, '')
        .replaceAll('O', '0')
        .replace(/[IL]/g, '1'),
    ),
  );
  return typed !== undefined && code !== undefined && typed.length === code.length && timingSafeEqual(typed, code);
}

/** Ends the code: the first account is there. */
export async function spendSetupCode(tx: Tx): Promise<void> {
  await tx.setting.deleteMany({ where: { key: KEY } });
}
