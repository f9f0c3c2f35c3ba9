import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { findUser } from '../accounts/index.ts';
import { AppError } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';
import {
  getImport,
  type ImportStep,
  type ImportView,
  listImportEntries,
  listImports,
  requestImportHere,
  stepImport,
} from '../imports/index.ts';
import { listWorkedKinds } from '../queue/index.ts';
import { withDatabase } from '../service/index.ts';
import { EXIT_INTERRUPTED } from './exit-codes.ts';
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
}

const POLL_MS = 500;
/** A service that is restarted has its worker again before that. */
const NO_WORKER_MS = 8000;
const LISTED = 20;

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
    .option('--list', 'list all imports with their ids')
    .addOption(idOption('follow', 'show the progress of an import'));
  for (const [name, , description] of STEPS) command.addOption(idOption(name, description));
  return command
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse import ~/stable-diffusion-webui/models --dry-run')
    .action(run);
}

function idOption(name: string, description: string): Option {
  return new Option(`--${name} <id>`, description).argParser((text) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not an id. --list shows them.');
    return Number(text);
  });
}

function run(folder: string | undefined, options: Options): Promise<void> {
  return withDatabase(async () => {
    if (options.list) return await list(options.format);
    const id = await findOrStart(folder, options);
    const isEnding = options.pause !== undefined || options.cancel !== undefined;
    const view = options.wait && !isEnding ? await waitForEnd(id) : await getImport(OPERATOR, id);
    if (options.format === 'json') printJson({ import: view });
    else await print(view);
    if (view.state === 'failed') process.exitCode = 1;
  });
}

/** The id of the import that the options are about; what they say is done with it. Throws AppError. */
async function findOrStart(folder: string | undefined, options: Options): Promise<number> {
  const { follow } = options;
  const steps = STEPS.filter(([name]) => options[name] !== undefined);
  if (steps.length + (folder === undefined ? 0 : 1) + (follow === undefined ? 0 : 1) !== 1)
    throw new AppError(
      'bad_request',
      'Give a folder, or one of --list, --follow, --pause, --resume, --search, --cancel.',
    );
  if (follow !== undefined) return (await getImport(OPERATOR, follow)).id;
  for (const [name, step] of steps) {
    const id = options[name] ?? 0;
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
      if (view.state !== 'searching' && view.state !== 'running') return view;
      if (stop.signal.aborted) {
        note = 'The import goes on in the service.';
        process.exitCode = EXIT_INTERRUPTED;
        return view;
      }
      if ((await listWorkedKinds()).includes('import')) workedAt = performance.now();
      if (performance.now() - workedAt > NO_WORKER_MS) {
        note =
          'No worker is running. The import begins when the service is started with `npm start`, or a worker with `weighhouse worker`.';
        process.exitCode = 1;
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
    if (more > 0) console.log(`  … and ${more} more`);
  }
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
