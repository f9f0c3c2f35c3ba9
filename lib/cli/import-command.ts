import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { findUser } from '../accounts/index.ts';
import { AppError } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';
import {
  forgetImport,
  getImport,
  type ImportEntriesPage,
  type ImportStep,
  type ImportView,
  listImportEntries,
  listImports,
  requestImportHere,
  stepImport,
} from '../imports/index.ts';
import { listWorkedKinds } from '../queue/index.ts';
import { withDatabase } from '../service/index.ts';
import { EXIT_FAILED, EXIT_INTERRUPTED } from './exit-codes.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { showProgress } from './progress.ts';
import { plain } from './terminal-text.ts';
import { OPERATOR } from './user-operator.ts';

interface Options {
  owner?: string;
  tags: boolean;
  inPlace: boolean;
  dryRun: boolean;
  wait: boolean;
  format: Format;
  list?: true;
  follow?: number;
  pause?: number;
  resume?: number;
  search?: number;
  cancel?: number;
  remove?: number;
}

const POLL_MS = 500;
/** A service that is restarted has its worker again before that. */
const NO_WORKER_MS = 8000;
const NO_WORKER =
  'No worker is running. The import begins when the service is started with `npm start`, or a worker with `weighhouse worker`.';
const LISTED = 20;

/** What is said of a new import alone. */
const NEW_OPTIONS = ['owner', 'tags', 'inPlace', 'dryRun'] as const satisfies readonly (keyof Options)[];
/** Each of them stands alone, without a folder. */
const ID_OPTIONS = [
  'follow',
  'pause',
  'resume',
  'search',
  'cancel',
  'remove',
] as const satisfies readonly (keyof Options)[];

/** What the options that name an import do with it. */
const STEPS = [
  ['pause', 'pause', 'pause an import'],
  ['resume', 'start', 'go on with a paused import, or import what a dry run found'],
  ['search', 'search', 'search the folder of an import for changes'],
  ['cancel', 'cancel', 'cancel an import; what was imported stays'],
] as const satisfies readonly (readonly [keyof Options, ImportStep, string])[];

export function importCommand(): Command {
  const command = new Command('import')
    .argument('[folder]', 'folder of A1111, Forge, ComfyUI, InvokeAI, Stability Matrix, SwarmUI or any other')
    .option('--owner <email>', 'administrator whose models they will be; the first one unless given')
    .option('--tags', 'make tags of the names of folders', false)
    .option('--in-place', 'leave the files where they are instead of copying them', false)
    .option('--dry-run', 'only search, and say what would be imported', false)
    .option('--no-wait', 'do not wait for the end: the service goes on by itself')
    .addOption(new Option('--list', 'list all imports with their ids').conflicts([...ID_OPTIONS, ...NEW_OPTIONS]))
    .addOption(idOption('follow', 'show the progress of an import'));
  for (const [name, , description] of STEPS) command.addOption(idOption(name, description));
  return command
    .addOption(idOption('remove', 'remove an import from the list; what was imported stays'))
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse import ~/stable-diffusion-webui/models --dry-run')
    .action(run);
}

function idOption(name: (typeof ID_OPTIONS)[number], description: string): Option {
  return new Option(`--${name} <id>`, description)
    .conflicts([...ID_OPTIONS.filter((other) => other !== name), ...NEW_OPTIONS])
    .argParser((text) => {
      if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not an id. --list shows them.');
      return Number(text);
    });
}

function run(folder: string | undefined, options: Options, command: Command): Promise<void> {
  const asksForOne = options.list === true || ID_OPTIONS.some((name) => options[name] !== undefined);
  if (asksForOne === (folder !== undefined))
    command.error(`error: give a folder, or one of --list, ${ID_OPTIONS.map((name) => `--${name}`).join(', ')}`);
  return withDatabase(async () => {
    if (options.list) return await list(options.format);
    if (options.remove !== undefined) return await remove(options.remove, options.format);
    const id = await findOrStart(folder, options);
    const isEnding = options.pause !== undefined || options.cancel !== undefined;
    const view = options.wait && !isEnding ? await waitForEnd(id) : await getImport(OPERATOR, id);
    if (options.format === 'json')
      printJson({ import: view, refused: await listAll(id, 'refused'), passedOver: await listAll(id, 'passed_over') });
    else await print(view);
    if (!options.wait && isOpen(view) && !(await isWorkedOn())) console.error(NO_WORKER);
    if (view.state === 'failed') process.exitCode = EXIT_FAILED;
  });
}

/** The id of the import that the options are about; what they say is done with it. Throws AppError. */
async function findOrStart(folder: string | undefined, options: Options): Promise<number> {
  const { follow } = options;
  if (follow !== undefined) return (await getImport(OPERATOR, follow)).id;
  for (const [name, step] of STEPS) {
    const id = options[name];
    if (id === undefined) continue;
    const { state } = await getImport(OPERATOR, id);
    await stepImport(OPERATOR, id, step).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
      throw new AppError('conflict', `This is not possible: import ${id} is ${state}.`);
    });
    return id;
  }
  const { owner, tags, inPlace, dryRun } = options;
  const { id: ownerId, role, email } = await findUser(owner ?? null);
  if (role !== 'admin') throw new AppError('forbidden', `${email} is not an administrator.`);
  return (await requestImportHere(ownerId, { path: resolve(folder ?? ''), tags, inPlace, dryRun })).id;
}

async function list(format: Format): Promise<void> {
  const imports = await listImports(OPERATOR);
  if (format === 'json') return printJson({ imports });
  if (imports.length === 0) console.log('No folder was imported yet.');
  for (const { id, state, inPlace, root } of imports)
    console.log(`${String(id).padStart(5)}  ${state.padEnd(9)}  ${inPlace ? 'in place' : 'copies  '}  ${plain(root)}`);
}

async function remove(id: number, format: Format): Promise<void> {
  await forgetImport(OPERATOR, id);
  if (format === 'json') printJson({ removed: id });
  else console.log(`Import ${id} is no longer in the list. What was imported stays.`);
}

/** Every entry of one state, with the reason. */
async function listAll(
  id: number,
  state: 'refused' | 'passed_over',
): Promise<{ path: string; reason: string | null }[]> {
  const all: { path: string; reason: string | null }[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: ImportEntriesPage = await listImportEntries(OPERATOR, id, { state, after });
    all.push(...page.entries.map(({ path, reason }) => ({ path, reason })));
    after = page.next;
  }
  return all;
}

function isOpen({ state }: ImportView): boolean {
  return state === 'searching' || state === 'running';
}

async function isWorkedOn(): Promise<boolean> {
  return (await listWorkedKinds()).includes('import');
}

/** Until it ends, Ctrl-C is pressed, or nobody works on it. The import itself is the service's. */
async function waitForEnd(id: number): Promise<ImportView> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  const bar = await showProgress('Importing', (await getImport(OPERATOR, id)).root);
  let note: string | null = null;
  let workedAt = performance.now();
  try {
    for (;;) {
      const view = await getImport(OPERATOR, id);
      const { pending, changed, imported, duplicate, refused } = view.counts;
      const done = imported.bytes + duplicate.bytes + refused.bytes;
      bar.update(done / Math.max(1, done + pending.bytes + changed.bytes));
      if (!isOpen(view)) return view;
      if (stop.signal.aborted) {
        note = 'The import goes on in the service.';
        process.exitCode = EXIT_INTERRUPTED;
        return view;
      }
      if (await isWorkedOn()) workedAt = performance.now();
      if (performance.now() - workedAt > NO_WORKER_MS) {
        note = NO_WORKER;
        process.exitCode = EXIT_FAILED;
        return view;
      }
      await wait(POLL_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  } finally {
    process.off('SIGINT', interrupt);
    bar.end();
    if (note !== null)
      console.error(
        `${note} Follow it with \`weighhouse import --follow ${id}\`; stop it with \`--pause ${id}\` or \`--cancel ${id}\`.`,
      );
  }
}

async function print({ id, root, state, message, counts, known, changes, inPlace }: ImportView): Promise<void> {
  const { pending, imported, duplicate, refused, changed, vanished, passed_over: passedOver } = counts;
  const line = (label: string, { files, bytes }: { files: number; bytes: number }) => {
    if (files > 0)
      console.log(`${label.padEnd(24)} ${String(files).padStart(7)}  ${bytes > 0 ? formatBytes(bytes) : ''}`.trimEnd());
  };
  console.log(
    `${plain(root)} (import ${id}${inPlace ? ', in place' : ''}): ${STATE_WORDS[state]}${message === null ? '' : ` ${plain(message)}`}`,
  );
  line(state === 'ready' ? 'To be imported' : 'Not imported yet', pending);
  if (known > 0) console.log(`${'  probably there already'.padEnd(24)} ${String(known).padStart(7)}`);
  line('Imported', imported);
  line('In the catalog before', duplicate);
  line('Refused', refused);
  line('To be read again', changed);
  line('No longer there', vanished);
  line('Passed over', passedOver);
  if (changes !== null && changes.changed + changes.moved + changes.vanished > 0)
    console.log(
      `Last search: ${changes.added} new, ${changes.changed} changed, ${changes.moved} moved, ${changes.vanished} gone`,
    );
  for (const state of ['refused', 'passed_over'] as const) {
    const { entries } = await listImportEntries(OPERATOR, id, { state });
    for (const { path, reason } of entries.slice(0, LISTED)) console.log(`  ${plain(path)}: ${plain(reason ?? '')}`);
    const more = counts[state].files - LISTED;
    if (more > 0) console.log(`  … and ${more} more; --format json lists all`);
  }
  if (state === 'ready' && pending.files > 0) console.log(`Import them with \`weighhouse import --resume ${id}\`.`);
}

const STATE_WORDS: Readonly<Record<ImportView['state'], string>> = {
  searching: 'the service searches it.',
  ready: 'searched.',
  running: 'the service imports it.',
  paused: 'paused.',
  done: 'imported.',
  failed: 'failed.',
  cancelled: 'cancelled.',
};
