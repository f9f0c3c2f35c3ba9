import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { readTar } from '#scanner/containers/index.ts';
import { bytesSource } from '#scanner/source.ts';

const require = createRequire(import.meta.url);

/** A Vulkan driver in software, what tells of it, and the library that WebGPU opens to find drivers: all that is needed. */
const DRIVER = 'libvk_swiftshader.so';
const DESCRIPTION = 'vk_swiftshader_icd.json';
const LOADER = 'libvulkan.so.1';

/** Whether `@sparticuz/chromium` has a build for this system. */
export const hasSwiftShader = process.platform === 'linux' && process.arch === 'x64';

/**
 * The environment in which a process finds a GPU in software, whatever the machine has: SwiftShader and a Vulkan loader,
 * out of the Chromium that npm delivered. It has no shaders in half precision.
 */
export function swiftShaderEnvironment(): NodeJS.ProcessEnv {
  const folder = unpackSwiftShader();
  return {
    ...process.env,
    VK_ICD_FILENAMES: join(folder, DESCRIPTION),
    // The name that newer loaders read in place of the one above.
    VK_DRIVER_FILES: join(folder, DESCRIPTION),
    LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
  };
}

/** Unpacks the three files once per version into `node_modules/.cache` and returns their folder. */
function unpackSwiftShader(): string {
  const packageFolder = join(dirname(require.resolve('@sparticuz/chromium')), '..', '..');
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const cache = join(packageFolder, '..', '..', '.cache');
  const folder = join(cache, `swiftshader-${version}`);
  if (existsSync(folder)) return folder;

  const source = bytesSource(brotliDecompressSync(readFileSync(join(packageFolder, 'bin', 'swiftshader.tar.br'))));
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'swiftshader-unpacking-'));
  for (const { name, start, size } of readTar(source)) {
    if (![DRIVER, DESCRIPTION, LOADER].includes(basename(name))) continue;
    writeFileSync(join(scratch, basename(name)), source.read(start, size));
  }
  try {
    renameSync(scratch, folder);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    // Another test run was faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
