import { Argument, Command, Option } from 'commander';
import {
  createPasswordLink,
  createUser,
  findUser,
  listUsers,
  NEW_USER,
  type PasswordLink,
  ROLES,
  type Role,
  setRole,
} from '../accounts/index.ts';
import { AppError } from '../errors.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { plain } from './terminal-text.ts';
import { disableCommand, enableCommand, removeCommand, transferCommand } from './user-leaving-commands.ts';
import { addressOf, OPERATOR } from './user-operator.ts';

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
  const command = new Command('user');
  for (const child of [list, create, reset, changeRole]) command.addCommand(child);
  for (const make of [disableCommand, enableCommand, removeCommand, transferCommand]) command.addCommand(make());
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
    const given = NEW_USER.safeParse({ email, name, role });
    if (!given.success) throw new AppError('bad_request', given.error.issues.map(({ message }) => message).join(' '));
    const { id } = await createUser(OPERATOR, given.data);
    printLink(given.data.email, await createPasswordLink(OPERATOR, id), format);
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

function changeRoleOf(email: string, role: Role): Promise<void> {
  return withDatabase(async () => {
    const { id } = await findUser(email);
    await setRole(OPERATOR, id, role);
    console.log(`${plain(email)} is now ${role}.`);
  });
}
