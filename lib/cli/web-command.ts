import { Command } from 'commander';
import { runWebAlone } from '../service/index.ts';

export function webCommand(): Command {
  return new Command('web')
    .addHelpText('after', '\n  DATABASE_URL=postgresql://… PORT=3001 weighhouse web')
    .action(runWebAlone);
}
