import { Command } from 'commander';
import { enableUser, findUser } from '../accounts/index.ts';
import { disableAccount, type ModelsChoice, removeAccount, transferModels } from '../admin/index.ts';
import { AppError } from '../errors.ts';
import { withDatabase } from '../service/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { plain } from './terminal-text.ts';
import { OPERATOR } from './user-operator.ts';

interface LeavingOptions {
  transferTo?: string;
  deleteModels?: true;
  format: Format;
}

export function disableCommand(): Command {
  return withModelOptions(
    new Command('disable')
      .description('Disable an account. Its sessions and API tokens end immediately.')
      .argument('<email>')
      .addHelpText('after', '\n  weighhouse user disable ben@example.org --transfer-to ada@example.org'),
  ).action((email: string, options: LeavingOptions) =>
    withDatabase(async () => {
      const { id } = await findUser(email);
      await disableAccount(OPERATOR, id, await choiceOf(options));
      say(options.format, { email, disabled: true }, `${plain(email)} is disabled.`);
    }),
  );
}

export function enableCommand(): Command {
  return new Command('enable')
    .description('Enable a disabled account.')
    .argument('<email>')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user enable ben@example.org')
    .action((email: string, { format }: { format: Format }) =>
      withDatabase(async () => {
        await enableUser(OPERATOR, (await findUser(email)).id);
        say(format, { email, disabled: false }, `${plain(email)} is enabled.`);
      }),
    );
}

export function removeCommand(): Command {
  return withModelOptions(
    new Command('remove')
      .description('Remove an account. If it owns models, say whether to transfer or to delete them.')
      .argument('<email>')
      .addHelpText('after', '\n  weighhouse user remove ben@example.org --transfer-to ada@example.org'),
  ).action((email: string, options: LeavingOptions) =>
    withDatabase(async () => {
      const { id } = await findUser(email);
      await removeAccount(OPERATOR, id, await choiceOf(options));
      say(options.format, { email, removed: true }, `${plain(email)} is removed.`);
    }),
  );
}

export function transferCommand(): Command {
  return new Command('transfer')
    .description('Transfer all models of an account to another account.')
    .argument('<from>', 'e-mail of the owner')
    .argument('<to>', 'e-mail of the new owner')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse user transfer ben@example.org ada@example.org')
    .action((from: string, to: string, { format }: { format: Format }) =>
      withDatabase(async () => {
        const models = await transferModels(OPERATOR, (await findUser(from)).id, (await findUser(to)).id);
        say(format, { from, to, models }, `Models transferred to ${plain(to)}: ${models}.`);
      }),
    );
}

function withModelOptions(command: Command): Command {
  return command
    .option('--transfer-to <email>', 'transfer its models to this account')
    .option('--delete-models', 'delete its models')
    .addOption(formatOption());
}

async function choiceOf({ transferTo, deleteModels }: LeavingOptions): Promise<ModelsChoice> {
  if (transferTo !== undefined && deleteModels)
    throw new AppError('bad_request', 'Use either --transfer-to or --delete-models.');
  if (transferTo !== undefined) return { transferTo: (await findUser(transferTo)).id };
  return deleteModels ? 'delete' : 'keep';
}

function say(format: Format, json: object, text: string): void {
  if (format === 'json') printJson(json);
  else console.log(text);
}
