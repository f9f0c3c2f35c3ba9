import { Argument, Command, Option } from 'commander';
import {
  addressOf,
  createPasswordLink,
  createUser,
  editUser,
  findUser,
  listUsers,
  NEW_USER,
  type PasswordLink,
  ROLES,
  type Role,
  setRole,
  USER_EDIT,
} from '../accounts/index.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { plain } from './terminal-text.ts';
import { invitationsCommand, inviteCommand } from './user-invite-commands.ts';
import { disableCommand, enableCommand, removeCommand, transferCommand } from './user-leaving-commands.ts';
import { OPERATOR, readInput } from './user-operator.ts';
import { quotaCommand, roleQuotaCommand } from './user-quota-command.ts';
import { resetTwoFactorCommand, sessionsCommand } from './user-session-commands.ts';

export function userCommand(): Command {
  const list = new Command('list')
    .description('List all accounts.')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user list --format json')
    .action(printUsers);
  const create = new Command('create')
    .description('Create an account, and print a link with which its person sets the password.')
    .argument('<email>')
    .requiredOption('--name <name>', 'name of the person')
    .addOption(new Option('--role <role>', 'role of the account').choices(ROLES).default('uploader'))
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user create ben@example.org --name Ben --role uploader')
    .action(createAccount);
  const reset = new Command('reset')
    .description('Print a link with which a person sets a new password. It works once, for a day.')
    .argument('<email>')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user reset ben@example.org')
    .action(resetPasswordOf);
  const changeRole = new Command('set-role')
    .alias('role')
    .description('Change the role of an account.')
    .argument('<email>')
    .addArgument(new Argument('<role>').choices(ROLES))
    .addHelpText('after', '\n  weighhouse user set-role ada@example.org moderator')
    .action(changeRoleOf);
  const edit = new Command('edit')
    .description('Change the name or the e-mail of an account.')
    .argument('<email>')
    .option('--name <name>', 'new name')
    .option('--email <address>', 'new e-mail')
    .addHelpText('after', '\n  weighhouse user edit ben@example.org --name "Ben B."')
    .action(editAccount);
  const command = new Command('user');
  for (const child of [list, create, edit, changeRole, reset]) command.addCommand(child);
  for (const make of [
    inviteCommand,
    invitationsCommand,
    sessionsCommand,
    resetTwoFactorCommand,
    disableCommand,
    enableCommand,
    transferCommand,
    removeCommand,
    quotaCommand,
    roleQuotaCommand,
  ])
    command.addCommand(make());
  return command;
}

function printUsers({ format }: { format: Format }): Promise<void> {
  return withDatabase(async () => {
    const users = await listUsers(OPERATOR);
    if (format === 'json') return printJson({ users });
    for (const { email, role, name, disabled } of users)
      console.log(`${role.padEnd(9)}  ${plain(email)}  ${plain(name)}${disabled ? '  (disabled)' : ''}`);
  });
}

interface CreateOptions {
  name: string;
  role: Role;
  format: Format;
}

function createAccount(email: string, { name, role, format }: CreateOptions): Promise<void> {
  return withDatabase(async () => {
    const given = readInput(NEW_USER, { email, name, role });
    const { id } = await createUser(OPERATOR, given);
    printLink(given.email, await createPasswordLink(OPERATOR, id), format);
  });
}

function resetPasswordOf(email: string, { format }: { format: Format }): Promise<void> {
  return withDatabase(async () => {
    const user = await findUser(email);
    printLink(user.email, await createPasswordLink(OPERATOR, user.id), format);
  });
}

function printLink(email: string, { path, expiresAt }: PasswordLink, format: Format): void {
  const link = addressOf(path);
  if (format === 'json') printJson({ email, link, expiresAt });
  else console.log(`${link}\nSend this link to ${plain(email)}. It works once, until ${expiresAt}.`);
}

function editAccount(email: string, options: { name?: string; email?: string }): Promise<void> {
  return withDatabase(async () => {
    const { id } = await findUser(email);
    await editUser(OPERATOR, id, readInput(USER_EDIT, options));
    console.log(`${plain(options.email ?? email)} is changed.`);
  });
}

function changeRoleOf(email: string, role: Role): Promise<void> {
  return withDatabase(async () => {
    const { id } = await findUser(email);
    await setRole(OPERATOR, id, role);
    console.log(`${plain(email)} is now ${role}.`);
  });
}
