import { z } from 'zod';
import { db, type Tx } from '../../db/index.ts';
import { RENDERERS, type RendererName } from '../forms.ts';
import { ENGINE_BASES } from '../plan/index.ts';

const KEY = 'previews';

const STORED = z.object({
  /** Ids of models by base version. */
  references: z.record(z.string(), z.int()).default({}),
  renderers: z.record(z.string(), z.enum(RENDERERS)).default({}),
  comfyUrl: z.string().nullable().default(null),
});

export type StoredSettings = z.infer<typeof STORED>;

/** What the operator chose for previews. */
export async function readPreviewSettings(): Promise<StoredSettings> {
  const row = await db().setting.findUnique({ where: { key: KEY } });
  return STORED.parse(row?.value ?? {});
}

/** Changes it while nobody else does. Returns it as it was, and as it is. */
export async function changePreviewSettings(
  tx: Tx,
  change: (settings: StoredSettings) => StoredSettings,
): Promise<{ before: StoredSettings; after: StoredSettings }> {
  await tx.setting.createMany({ data: [{ key: KEY, value: {} }], skipDuplicates: true });
  const [row] = await tx.$queryRaw<{ value: unknown }[]>`SELECT value FROM setting WHERE key = ${KEY} FOR UPDATE`;
  const before = STORED.parse(row?.value ?? {});
  const after = change(before);
  await tx.setting.update({ where: { key: KEY }, data: { value: after } });
  return { before, after };
}

/** What renders a base version: the engine of this program where it can and nothing else was chosen. */
export function rendererOf(base: string, { renderers }: StoredSettings): RendererName {
  return renderers[base] ?? (ENGINE_BASES.includes(base) ? 'engine' : 'comfyui');
}
