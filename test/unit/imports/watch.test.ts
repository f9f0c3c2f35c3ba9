import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { walkCollection } from '#lib/imports/layouts/index.ts';
import { compareFolder, isDue, type ModelStamp, stampOfModel, watchFolder } from '#lib/imports/watch/index.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'weighhouse-watch-')));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text = 'bytes'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function stamps(): Promise<ModelStamp[]> {
  const found: ModelStamp[] = [];
  for await (const step of walkCollection(root)) if ('model' in step) found.push(stampOfModel(step.model));
  return found;
}

async function compare(known: readonly ModelStamp[], maxEntries?: number) {
  const changes = await compareFolder(root, known, maxEntries === undefined ? {} : { maxEntries });
  const nameOf = (model: Parameters<typeof stampOfModel>[0]) => stampOfModel(model).path;
  return {
    unchanged: changes.unchanged,
    added: changes.added.map(nameOf),
    changed: changes.changed.map(({ model }) => nameOf(model)),
    moved: changes.moved.map(({ known: { path }, model }) => `${path} > ${nameOf(model)}`),
    vanished: changes.vanished.map(({ path }) => path),
    unreachable: changes.unreachable.map(({ path }) => path),
  };
}

const NOTHING = { unchanged: 0, added: [], changed: [], moved: [], vanished: [], unreachable: [] };
const ALL = ['loras/a.safetensors', 'loras/b.safetensors', 'vae/c.pt'];

describe('a folder compared with what is known of it', () => {
  let known: ModelStamp[];
  beforeEach(async () => {
    for (const path of ALL) write(path);
    known = await stamps();
  });

  it('is unchanged', async () => {
    expect(known.map(({ path }) => path)).toEqual(ALL);
    expect(await compare(known)).toEqual({ ...NOTHING, unchanged: 3 });
  });

  it('has new files', async () => {
    write('loras/new.safetensors');
    expect(await compare(known)).toEqual({ ...NOTHING, unchanged: 3, added: ['loras/new.safetensors'] });
  });

  it.each([
    ['longer', () => appendFileSync(join(root, ALL[0] ?? ''), 'more')],
    ['written anew', () => utimesSync(join(root, ALL[0] ?? ''), 1, 1)],
    [
      'replaced by another of the same size and time',
      () => {
        write('x', 'other');
        utimesSync(join(root, 'x'), 5, 5);
        utimesSync(join(root, ALL[0] ?? ''), 5, 5);
        known = known.map((entry) => (entry.path === ALL[0] ? { ...entry, mtimeNs: 5_000_000_000n } : entry));
        renameSync(join(root, 'x'), join(root, ALL[0] ?? ''));
      },
    ],
  ])('has a file that is %s', async (_, change) => {
    change();
    expect(await compare(known)).toEqual({ ...NOTHING, unchanged: 2, changed: ['loras/a.safetensors'] });
  });

  it('has files that were moved, copied and deleted', async () => {
    renameSync(join(root, 'loras'), join(root, 'LyCORIS'));
    write('vae/copy.pt');
    rmSync(join(root, 'LyCORIS/b.safetensors'));
    expect(await compare(known)).toEqual({
      ...NOTHING,
      unchanged: 1,
      added: ['vae/copy.pt'],
      moved: ['loras/a.safetensors > LyCORIS/a.safetensors'],
      vanished: ['loras/b.safetensors'],
    });
  });

  it('loses nothing where its disk is not mounted, or a search ends early', async () => {
    rmSync(join(root, 'loras'), { recursive: true });
    expect((await compare(known, 1)).unreachable).toEqual(ALL.slice(0, 2));
    expect((await compare(known)).vanished).toEqual(ALL.slice(0, 2));
    rmSync(join(root, 'vae'), { recursive: true });
    expect(await compare(known)).toEqual({ ...NOTHING, unreachable: ALL });
    rmSync(root, { recursive: true });
    await expect(compare(known)).rejects.toThrow('ENOENT');
  });
});

it.each([
  ['manual', null, false],
  ['hourly', null, true],
  ['hourly', 59, true],
  ['hourly', 30, false],
  ['daily', 60, false],
  ['daily', 24 * 60, true],
] as const)('%s, last searched %j minutes ago: due is %j', (schedule, minutes, due) => {
  const now = new Date(2026, 0, 1);
  const searchedAt = minutes === null ? null : new Date(now.getTime() - minutes * 60_000);
  expect(isDue(schedule, searchedAt, now)).toBe(due);
});

/** Resolves with the next call; each later one needs another. */
function counted() {
  let tell = () => {};
  let calls = 0;
  const call = () => {
    calls += 1;
    tell();
  };
  const next = () =>
    new Promise<void>((resolve) => {
      tell = resolve;
    });
  return { call, next, count: () => calls };
}

it('file events of old and new folders call back, until it is closed', async () => {
  write('loras/a.safetensors');
  const changes = counted();
  const watcher = watchFolder(root, changes.call, { quietMs: 20 });
  const poke = async (change: () => void) => {
    const next = changes.next();
    // The first watches are set a moment after the call.
    const again = setInterval(change, 50);
    change();
    await next;
    clearInterval(again);
  };
  let number = 0;
  await poke(() => write(`loras/b${number++}.safetensors`));
  await poke(() => write('fresh/deep/c.safetensors', String(number++)));
  await poke(() => write('fresh/deep/d.safetensors', String(number++)));
  watcher.close();
  const before = changes.count();
  // Another one sees what the closed one no longer reports.
  const others = counted();
  const other = watchFolder(root, others.call, { quietMs: 20 });
  const next = others.next();
  const again = setInterval(() => write('loras/late.safetensors', String(number++)), 50);
  await next;
  clearInterval(again);
  other.close();
  expect(changes.count()).toBe(before);
});

it('says where there are more folders than can be watched', async () => {
  for (const name of ['a', 'b', 'c']) mkdirSync(join(root, name));
  if (process.platform !== 'linux') return;
  const reason = await new Promise<string>((onLost) => watchFolder(root, () => {}, { maxFolders: 2, onLost }));
  expect(reason).toBe('it has more than 2 folders.');
});
