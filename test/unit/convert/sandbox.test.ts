import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { floats, makeTorchZip, pickle, tensor } from '../../fixtures/torch-file.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
// Node asks for the permission of where a link leads.
const MODULES = realpathSync(join(REPOSITORY, 'node_modules'));
const addressOf = (path: string) => JSON.stringify(pathToFileURL(join(REPOSITORY, path)).href);

it('converts, verifies, identifies and hashes where only one folder may be written', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-')));
  try {
    const input = join(folder, 'in.ckpt');
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    const record = { elements: 4, shape: [2, 2], stride: [1, 2] };
    writeFileSync(input, makeTorchZip(pickle.dict([[pickle.text('w'), tensor(record)]]), { 0: floats([1, 2, 3, 4]) }));
    const program = `
      import { openFileSource } from ${addressOf('scanner/source.ts')};
      import { convertToSafetensors, verifyConversion } from ${addressOf('scanner/convert/index.ts')};
      import { hashFile } from ${addressOf('scanner/hashes/index.ts')};
      import { identifyFile } from ${addressOf('scanner/identify/index.ts')};
      using source = openFileSource(${JSON.stringify(input)});
      await convertToSafetensors(source, ${JSON.stringify(join(scratch, 'out.safetensors'))});
      const { bytes } = await verifyConversion(source, ${JSON.stringify(join(scratch, 'out.safetensors'))});
      const { crc32 } = await hashFile(${JSON.stringify(input)});
      console.log(JSON.stringify({ bytes, crc32: crc32.length, type: identifyFile(source).type }));
    `;
    const output = execFileSync(
      process.execPath,
      [
        '--permission',
        `--allow-fs-read=${REPOSITORY}`,
        `--allow-fs-read=${MODULES}`,
        `--allow-fs-read=${folder}`,
        `--allow-fs-write=${scratch}`,
        '--input-type=module-typescript',
        '--eval',
        program,
      ],
      { encoding: 'utf8' },
    );
    expect(JSON.parse(output)).toEqual({ bytes: 16, crc32: 8, type: 'unknown' });
    expect(readdirSync(scratch)).toEqual(['out.safetensors']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
