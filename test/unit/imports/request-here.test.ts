import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NEW_IMPORT, requestImportHere } from '#lib/imports/index.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'weighhouse-request-'));
  symlinkSync('circle', join(root, 'circle'));
  writeFileSync(join(root, 'model.ckpt'), 'bytes');
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

it.each([
  ['nothing', 'not_found', /^There is no folder \S+nothing\.$/],
  ['model.ckpt/below', 'not_found', /^There is no folder \S+below\.$/],
  ['circle', 'bad_request', /^\S+circle cannot be read \(ELOOP\)\.$/],
  ['x'.repeat(300), 'bad_request', /^\S+x cannot be read \(ENAMETOOLONG\)\.$/],
] as const)('says why %s is no folder to import', async (name, code, message) => {
  const wanted = NEW_IMPORT.parse({ path: join(root, name) });
  await expect(requestImportHere('owner', wanted)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});
