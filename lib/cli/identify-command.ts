import { sep } from 'node:path';
import { Command } from 'commander';
import { EXIT_FAILED } from './exit-codes.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { describeIdentified, type IdentifiedFile, identifyPath } from './identify-path.ts';
import { type ListedFile, listFiles } from './list-files.ts';

export function identifyCommand(): Command {
  return new Command('identify')
    .argument('<path...>', 'files or folders')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
In a folder, shards with an index (*.index.json) and diffusers folders (model_index.json) are identified as one model.

  weighhouse identify lora.safetensors
  weighhouse identify ~/models --format json`,
    )
    .action(identifyFiles);
}

async function identifyFiles(paths: string[], { format }: { format: Format }): Promise<void> {
  const files: IdentifiedFile[] = [];
  for (const path of paths) {
    const listed = [...listFiles([path])];
    const { wholes, rest } = await findWholes(path, listed);
    for (const file of [...wholes, ...rest]) {
      const identified = 'problem' in file ? await identifyListed(file) : file;
      if ('error' in identified) process.exitCode = EXIT_FAILED;
      if (format === 'json') files.push(identified);
      else console.log(describeIdentified(identified));
    }
  }
  if (format === 'json') printJson({ files });
}

async function identifyListed({ path, problem }: ListedFile): Promise<IdentifiedFile> {
  return problem === null ? await identifyPath(path) : { path, error: problem };
}

/** The models in several files below a path, identified, and the files that belong to none. */
async function findWholes(
  path: string,
  listed: readonly ListedFile[],
): Promise<{ wholes: IdentifiedFile[]; rest: readonly ListedFile[] }> {
  const { findWholeModels, identifyWhole } = await import('./identify-whole.ts');
  const models = findWholeModels(path);
  const wholes: IdentifiedFile[] = [];
  const parts = new Set<string>();
  for (const model of models) {
    const { identified, files } = identifyWhole(model);
    wholes.push(identified);
    for (const file of files) parts.add(file);
  }
  const isPart = ({ path: one }: ListedFile) =>
    parts.has(one) || models.some(({ group, root }) => group.kind === 'diffusers' && one.startsWith(root + sep));
  return { wholes, rest: listed.filter((file) => !isPart(file)) };
}
