import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { db } from '../db/index.ts';
import { makeDemoModels } from '../demo/index.ts';
import { importFile } from './import-file.ts';

const DEMO_USER = 'demo';

/**
 * Fills an empty catalog with a handful of small models, one of them poisoned, so that a newcomer sees every state.
 * A catalog that has a model is left alone.
 */
export async function fillWithDemo(): Promise<void> {
  if ((await db().model.findFirst({ select: { id: true } })) !== null) {
    console.log('The catalog is not empty, so no demo models were added.');
    return;
  }
  // Nobody can sign in as this user: it has no password.
  const data = { id: DEMO_USER, name: 'Demo', email: 'demo@weighhouse.invalid', role: 'uploader' as const };
  await db().user.upsert({ where: { id: DEMO_USER }, create: data, update: {} });
  const folder = await mkdtemp(join(tmpdir(), 'weighhouse-demo-'));
  try {
    const models = await makeDemoModels(folder);
    for (const { path } of models) await importFile(path, basename(path), DEMO_USER);
    console.log(`${models.length} demo models were added and are being scanned.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
