import { Command, InvalidArgumentError, Option } from 'commander';
import {
  addressOf,
  createInvitation,
  listInvitations,
  NEW_INVITATION,
  ROLES,
  type Role,
  revokeInvitation,
} from '../accounts/index.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { plain } from './terminal-text.ts';
import { OPERATOR, readInput } from './user-operator.ts';

interface InviteOptions {
  role: Role;
  days: number;
  format: Format;
}

export function inviteCommand(): Command {
  return new Command('invite')
    .description('Create an invitation and print its link. The link is shown only once.')
    .argument('[email]', 'e-mail of the account (default: the person chooses)')
    .addOption(new Option('--role <role>', 'role of the account').choices(ROLES).default('uploader'))
    .option('--days <days>', 'how long the invitation is valid', wholeNumber, 7)
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user invite ben@example.org --role moderator --days 3')
    .action((email: string | undefined, { role, days, format }: InviteOptions) =>
      withDatabase(async () => {
        const invitation = readInput(NEW_INVITATION, { email: email ?? null, role, days });
        const { id, path, expiresAt, sent } = await createInvitation(OPERATOR, invitation);
        const link = addressOf(path);
        if (format === 'json') printJson({ id, link, expiresAt, sent });
        else
          console.log(`${link}\nThis link works once, until ${expiresAt}.${sent ? ' It was sent by e-mail too.' : ''}`);
      }),
    );
}

export function invitationsCommand(): Command {
  return new Command('invitations')
    .description('List invitations, or revoke one.')
    .option('--revoke <id>', 'revoke the invitation with this id')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user invitations --format json')
    .action(({ revoke, format }: { revoke?: string; format: Format }) =>
      withDatabase(async () => {
        if (revoke !== undefined) await revokeInvitation(OPERATOR, revoke);
        const invitations = await listInvitations(OPERATOR);
        if (format === 'json') printJson({ invitations });
        else
          for (const { id, email, role, state, expiresAt } of invitations)
            console.log(`${id}  ${state.padEnd(8)}  ${role.padEnd(9)}  ${expiresAt}  ${plain(email ?? '')}`.trimEnd());
      }),
    );
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Enter a whole number.');
  return Number(text);
}
