import { Command } from 'commander';
import { EXIT_FAILED } from './exit-codes.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { describeIdentified, type IdentifiedFile, identifyPath } from './identify-path.ts';
import { listFiles } from './list-files.ts';

export function identifyCommand(): Command {
  return new Command('identify')
    .argument('<path...>', 'files or folders')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse identify lora.safetensors\n  weighhouse identify ~/models --format json')
    .action(identifyFiles);
}

async function identifyFiles(paths: string[], { format }: { format: Format }): Promise<void> {
  const files: IdentifiedFile[] = [];
  for (const { path, problem } of listFiles(paths)) {
    const file = problem === null ? await identifyPath(path) : { path, error: problem };
    if ('error' in file) process.exitCode = EXIT_FAILED;
    if (format === 'json') files.push(file);
    else console.log(describeIdentified(file));
  }
  if (format === 'json') printJson({ files });
}
