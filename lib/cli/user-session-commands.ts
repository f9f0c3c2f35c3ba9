import { Command } from 'commander';
import { endSessionsOf, findUser, listSessionsOf, resetSecondFactors } from '../accounts/index.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { plain } from './terminal-text.ts';
import { OPERATOR } from './user-operator.ts';

interface SessionOptions {
  end?: string;
  endAll?: true;
  format: Format;
}

export function sessionsCommand(): Command {
  return new Command('sessions')
    .description('List the sessions of an account, or end them.')
    .argument('<email>')
    .option('--end <id>', 'end the session with this id')
    .option('--end-all', 'end all sessions')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user sessions ada@example.org --end-all')
    .action((email: string, { end, endAll, format }: SessionOptions) =>
      withDatabase(async () => {
        const { id: userId } = await findUser(email);
        if (endAll || end !== undefined) await endSessionsOf(OPERATOR, userId, endAll ? null : (end ?? null));
        const sessions = (await listSessionsOf(OPERATOR, userId)).map(({ current: _, ...session }) => session);
        if (format === 'json') return void printJson({ email, sessions });
        if (sessions.length === 0) console.log('No sessions.');
        for (const { id, device, address, lastUsedAt } of sessions)
          console.log(`${id}  ${lastUsedAt}  ${plain(device)}${address === null ? '' : `  ${plain(address)}`}`);
      }),
    );
}

export function resetTwoFactorCommand(): Command {
  return new Command('reset-two-factor')
    .description('Remove the authenticator app and the passkeys of an account, for somebody who has lost the device.')
    .argument('<email>')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user reset-two-factor ada@example.org')
    .action((email: string, { format }: { format: Format }) =>
      withDatabase(async () => {
        await resetSecondFactors(OPERATOR, (await findUser(email)).id);
        if (format === 'json') printJson({ email, reset: true });
        else console.log(`${plain(email)} signs in with the password alone.`);
      }),
    );
}
