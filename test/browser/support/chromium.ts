import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

const require = createRequire(import.meta.url);

/** What is tried, in order: the Chromium that npm delivered, then browsers a person has installed. */
const CHANNELS = ['chrome', 'msedge', 'chromium'] as const;

/** Rendering differs less between machines, and a container's small /dev/shm does not kill the tab. */
const FLAGS = ['--disable-dev-shm-usage', '--font-render-hinting=none', '--hide-scrollbars', '--disable-gpu'];

const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

export type BrowserSearch = { browser: Browser; reason?: undefined } | { browser: null; reason: string };

/**
 * Starts a headless Chromium, or says why there is none. `@sparticuz/chromium` has a build for Linux on x64 only; on
 * every other system an installed Chrome, Edge or Chromium is used.
 */
export async function launchBrowser(): Promise<BrowserSearch> {
  const failures: string[] = [];
  const attempts: { name: string; options: () => LaunchOptions }[] = CHANNELS.map((channel) => ({
    name: channel,
    options: () => ({ channel, args: withoutSandboxForRoot(FLAGS) }),
  }));
  if (process.platform === 'linux' && process.arch === 'x64') {
    attempts.unshift({ name: '@sparticuz/chromium', options: bundledChromium });
  }
  for (const { name, options } of attempts) {
    try {
      return { browser: await chromium.launch({ headless: true, ...options() }) };
    } catch (error) {
      failures.push(`${name}: ${firstLine(error)}`);
    }
  }
  return { browser: null, reason: `no browser could be started (${failures.join('; ')})` };
}

function bundledChromium(): LaunchOptions {
  const folder = unpackChromium();
  const libraries = join(folder, 'al2023', 'lib');
  return {
    executablePath: join(folder, 'chromium'),
    // The build is chrome-headless-shell with neither a sandbox helper nor a zygote that survives without one.
    args: [...FLAGS, '--no-sandbox', '--no-zygote'],
    env: {
      ...process.env,
      FONTCONFIG_PATH: join(folder, 'fonts'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      // Last, so that a machine's own libraries win where it has them.
      LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH, libraries].filter(Boolean).join(':'),
    },
  };
}

/**
 * Unpacks the browser once per version into `node_modules/.cache` and returns the folder. The package unpacks into
 * the system's temporary folder and takes a half-written file for a finished one; so it runs in a process of its own
 * whose temporary folder is a fresh one, which gets its final name when all is there.
 */
function unpackChromium(): string {
  const entry = require.resolve('@sparticuz/chromium');
  const packageFolder = join(dirname(entry), '..', '..');
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const cache = join(packageFolder, '..', '..', '.cache');
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(join(folder, 'chromium'))) return folder;

  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'chromium-unpacking-'));
  const unpack = `require(${JSON.stringify(entry)}).executablePath()
    .catch((error) => { console.error(error.message); process.exit(1); });`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', unpack], {
    // The second variable makes the package unpack the NSS libraries too, which a bare machine lacks.
    env: { ...process.env, TMPDIR: scratch, CODEBUILD_BUILD_IMAGE: 'nodejs24' },
    encoding: 'utf8',
  });
  if (status !== 0) {
    rmSync(scratch, { recursive: true, force: true });
    throw new Error(`Chromium could not be unpacked: ${stderr.trim()}`);
  }
  // The one that comes along names folders of its own system; `prefix="relative"` keeps this one true after the rename.
  writeFileSync(join(scratch, 'fonts', 'fonts.conf'), FONTS_CONF);
  try {
    renameSync(scratch, folder);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    // Another test run was faster.
    if (!existsSync(join(folder, 'chromium'))) throw error;
  }
  return folder;
}

/** Chrome refuses to run its sandbox as root, which is what most containers are. */
function withoutSandboxForRoot(flags: readonly string[]): string[] {
  return process.getuid?.() === 0 ? [...flags, '--no-sandbox'] : [...flags];
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
