import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { findUser } from '../accounts/index.ts';
import { AppError } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';
import { getImport, type ImportView, listImportEntries, requestImportHere } from '../imports/index.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { showProgress } from './progress.ts';
import { plain } from './terminal-text.ts';
import { OPERATOR } from './user-operator.ts';

interface Options {
  owner?: string;
  tags: boolean;
  dryRun: boolean;
  wait: boolean;
  format: Format;
}

const POLL_MS = 500;
const LISTED = 20;

export function importCommand(): Command {
  return new Command('import')
    .argument('<folder>', 'folder of A1111, Forge, ComfyUI, InvokeAI, Stability Matrix, SwarmUI or any other')
    .option('--owner <email>', 'administrator whose models they will be; the first one unless given')
    .option('--tags', 'make tags of the names of folders', false)
    .option('--dry-run', 'only search, and say what would be imported', false)
    .option('--no-wait', 'do not wait for the end: the service goes on by itself')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse import ~/stable-diffusion-webui/models --dry-run')
    .action(importFolder);
}

function importFolder(folder: string, { owner, tags, dryRun, wait: waits, format }: Options): Promise<void> {
  return withDatabase(async () => {
    const { id: ownerId, role, email } = await findUser(owner ?? null);
    if (role !== 'admin') throw new AppError('forbidden', `${email} is not an administrator.`);
    const { id } = await requestImportHere(ownerId, { path: resolve(folder), tags, dryRun });
    const view = waits ? await waitForEnd(id) : await getImport(OPERATOR, id);
    if (format === 'json') printJson({ import: view });
    else await print(view);
    if (view.state === 'failed') process.exitCode = 1;
  });
}

async function waitForEnd(id: number): Promise<ImportView> {
  const bar = await showProgress('Importing', (await getImport(OPERATOR, id)).root);
  try {
    for (;;) {
      const view = await getImport(OPERATOR, id);
      const { pending, imported, duplicate, refused } = view.counts;
      const done = imported.bytes + duplicate.bytes + refused.bytes;
      bar.update(done / Math.max(1, done + pending.bytes));
      if (view.state !== 'searching' && view.state !== 'running') return view;
      await wait(POLL_MS);
    }
  } finally {
    bar.end();
  }
}

async function print({ id, root, state, message, counts, known }: ImportView): Promise<void> {
  const { pending, imported, duplicate, refused, vanished, passed_over: passedOver } = counts;
  const line = (label: string, { files, bytes }: { files: number; bytes: number }) => {
    if (files > 0)
      console.log(`${label.padEnd(24)} ${String(files).padStart(7)}  ${bytes > 0 ? formatBytes(bytes) : ''}`.trimEnd());
  };
  console.log(`${plain(root)}: ${STATES[state]}${message === null ? '' : ` ${plain(message)}`}`);
  line(state === 'ready' ? 'To be imported' : 'Not imported yet', pending);
  if (known > 0) console.log(`${'  probably there already'.padEnd(24)} ${String(known).padStart(7)}`);
  line('Imported', imported);
  line('In the catalog before', duplicate);
  line('Refused', refused);
  line('No longer there', vanished);
  line('Passed over', passedOver);
  for (const state of ['refused', 'passed_over'] as const) {
    const { entries } = await listImportEntries(OPERATOR, id, { state });
    for (const { path, reason } of entries.slice(0, LISTED)) console.log(`  ${plain(path)}: ${plain(reason ?? '')}`);
    const more = counts[state].files - LISTED;
    if (more > 0) console.log(`  … and ${more} more`);
  }
}

const STATES: Readonly<Record<ImportView['state'], string>> = {
  searching: 'the service searches it.',
  ready: 'searched.',
  running: 'the service imports it.',
  paused: 'paused.',
  done: 'imported.',
  failed: 'failed.',
  cancelled: 'cancelled.',
};
