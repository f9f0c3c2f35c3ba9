import { Argument, Command } from 'commander';
import { findUser, listUsers, ROLES, type Role, SESSION_GRANT, setRole } from '../accounts/index.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, plain, printJson } from './format-option.ts';

/** Who can open the database on the service's machine may do what an administrator may. */
const OPERATOR = { id: 'system', name: 'Command line', email: '', role: 'admin', grant: SESSION_GRANT } as const;

export function userCommand(): Command {
  const list = new Command('list')
    .description('List all accounts.')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user list --format json')
    .action(printUsers);
  const changeRole = new Command('set-role')
    .description('Change the role of an account.')
    .argument('<email>')
    .addArgument(new Argument('<role>').choices(ROLES))
    .addHelpText('after', '\n  weighhouse user set-role ada@example.org moderator')
    .action(changeRoleOf);
  return new Command('user').addCommand(list).addCommand(changeRole);
}

function printUsers({ format }: { format: Format }): Promise<void> {
  return withDatabase(async () => {
    const users = await listUsers(OPERATOR);
    if (format === 'json') printJson({ users });
    else for (const { email, role, name } of users) console.log(`${role.padEnd(9)}  ${plain(email)}  ${plain(name)}`);
  });
}

function changeRoleOf(email: string, role: Role): Promise<void> {
  return withDatabase(async () => {
    const { id } = await findUser(email);
    await setRole(OPERATOR, id, role);
    console.log(`${plain(email)} is now ${role}.`);
  });
}
