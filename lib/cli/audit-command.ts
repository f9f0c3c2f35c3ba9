import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { findUser } from '../accounts/index.ts';
import { type AuditFilter, EXPORT_FORMATS, type ExportFormat, exportAudit, parseAuditFilter } from '../admin/index.ts';
import { ACTION_GROUPS } from '../audit/index.ts';
import { withDatabase } from '../service/index.ts';
import { plainLines } from './terminal-text.ts';
import { OPERATOR } from './user-operator.ts';

/** The filter as it is typed, in the words of the page's address. */
type Typed = Partial<Record<'person' | 'action' | 'model' | 'time' | 'from' | 'until', string>>;

const ACTIONS: readonly string[] = ACTION_GROUPS.flatMap(({ actions }) => actions.map(({ id }) => id));
const MOMENT = 'Use a date such as 2026-03-01, or a time such as 2026-03-01T12:00:00Z.';

export function auditCommand(): Command {
  const exporting = new Command('export')
    .description('Write the audit log to standard output, the newest entry first.')
    .addOption(new Option('--format <format>', 'output format').choices(EXPORT_FORMATS).default('csv'))
    .option(
      '--person <who>',
      'e-mail or id of an account, or system: what they did, and what was done to the account',
      parsePerson,
    )
    .option('--action <list>', 'actions, separated by commas, such as user.disable,user.remove', parseActions)
    .option(
      '--model <id>',
      'number of a model',
      checked('model', ({ modelId }) => modelId, 'Use the number of a model.'),
    )
    .addOption(
      new Option('--time <span>', 'the last 24h, 7d or 30d')
        .argParser(checked('time', ({ from }) => from, 'Use 24h, 7d or 30d.'))
        .conflicts(['from', 'until']),
    )
    .option(
      '--from <time>',
      'first moment',
      checked('from', ({ from }) => from, MOMENT),
    )
    .option(
      '--until <time>',
      'first moment that is left out',
      checked('until', ({ until }) => until, MOMENT),
    )
    .addHelpText('after', '\nDates begin at midnight UTC.')
    .addHelpText('after', '\n  weighhouse audit export --person ben@example.org --time 30d > audit.csv')
    .action(writeAudit);
  return new Command('audit').addCommand(exporting);
}

function writeAudit({ format, ...typed }: Typed & { format: ExportFormat }): Promise<void> {
  return withDatabase(async () => {
    const person = typed.person?.includes('@') ? (await findUser(typed.person)).id : typed.person;
    const filter = readFilter({ ...typed, ...(person !== undefined && { person }) });
    const pieces = exportAudit(OPERATOR, filter, format);
    await pipeline(Readable.from(process.stdout.isTTY ? plainLines(pieces) : pieces), process.stdout, { end: false });
  });
}

function readFilter(typed: Typed): AuditFilter {
  return parseAuditFilter(new URLSearchParams(typed));
}

/**
 * Refuses what the filter would pass over as nonsense, as it does for old links: an export of everything must not pass
 * for one of a part.
 */
function checked(name: keyof Typed, read: (filter: AuditFilter) => unknown, words: string): (text: string) => string {
  return (text) => {
    if (read(readFilter({ [name]: text })) === null) throw new InvalidArgumentError(words);
    return text;
  };
}

function parsePerson(text: string): string {
  return text.includes('@')
    ? text
    : checked('person', ({ person }) => person, 'Use the e-mail or the id of an account.')(text);
}

function parseActions(text: string): string {
  const unknown = text.split(',').find((action) => !ACTIONS.includes(action));
  if (unknown !== undefined) throw new InvalidArgumentError(`Valid actions: ${ACTIONS.join(', ')}.`);
  return text;
}
