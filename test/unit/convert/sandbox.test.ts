import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { floats, makeTorchZip, pickle, tensor } from '../../fixtures/torch-file.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

it('converts, verifies, identifies and hashes where only one folder may be written', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-')));
  try {
    const input = join(folder, 'in.ckpt');
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    const record = { elements: 4, shape: [2, 2], stride: [1, 2] };
    writeFileSync(input, makeTorchZip(pickle.dict([[pickle.text('w'), tensor(record)]]), { 0: floats([1, 2, 3, 4]) }));
    const program = `
      import { openFileSource } from '${REPOSITORY}/scanner/source.ts';
      import { convertToSafetensors, verifyConversion } from '${REPOSITORY}/scanner/convert/index.ts';
      import { hashFile } from '${REPOSITORY}/scanner/hashes/index.ts';
      import { identifyFile } from '${REPOSITORY}/scanner/identify/index.ts';
      using source = openFileSource('${input}');
      await convertToSafetensors(source, '${scratch}/out.safetensors');
      const { bytes } = await verifyConversion(source, '${scratch}/out.safetensors');
      const { crc32 } = await hashFile('${input}');
      console.log(JSON.stringify({ bytes, crc32: crc32.length, type: identifyFile(source).type }));
    `;
    const output = execFileSync(
      process.execPath,
      [
        '--permission',
        `--allow-fs-read=${REPOSITORY}`,
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
