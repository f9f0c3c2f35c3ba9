import { Command, InvalidArgumentError } from 'commander';
import { createApiToken, findUser, SCOPE_WORDS, SCOPES, type Scope } from '../accounts/index.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';

interface Options {
  name: string;
  scopes: Scope[];
  user?: string;
  format: Format;
}

export function tokenCommand(): Command {
  const create = new Command('create')
    .description('Create an API token and print it. It is shown only once.')
    .requiredOption('--name <name>', 'name of the token')
    .option('--scopes <list>', `scopes, separated by commas: ${SCOPES.join(', ')}`, parseScopes, ['read'] as Scope[])
    .option('--user <email>', 'owner of the token (default: the first administrator)')
    .addOption(formatOption())
    .addHelpText('after', scopesHelp())
    .addHelpText('after', '\n  weighhouse token create --name backup --scopes read,upload')
    .action(createToken);
  return new Command('token').addCommand(create);
}

function scopesHelp(): string {
  const lines = SCOPES.map((scope) => `  ${scope.padEnd(8)}${SCOPE_WORDS[scope]}`);
  return ['\nScopes:', ...lines].join('\n');
}

function createToken({ name, scopes, user, format }: Options): Promise<void> {
  return withDatabase(async () => {
    const { id } = await findUser(user ?? null);
    const { token } = await createApiToken(id, name, scopes);
    if (format === 'json') printJson({ name, scopes, token });
    else console.log(token);
  });
}

function parseScopes(text: string): Scope[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const unknown = scopes.find((scope) => !SCOPES.includes(scope as Scope));
  if (unknown !== undefined) throw new InvalidArgumentError(`Valid scopes: ${SCOPES.join(', ')}.`);
  return scopes as Scope[];
}
