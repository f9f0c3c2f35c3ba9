import { Command } from 'commander';
import { type Hashes, hashFile } from '#scanner/hashes/index.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { explain, listFiles } from './list-files.ts';
import { showProgress } from './progress.ts';
import { plain } from './terminal-text.ts';

type HashedFile = { path: string } & (Hashes | { error: string });

export function hashCommand(): Command {
  return new Command('hash')
    .argument('<path...>', 'files or folders')
    .addOption(formatOption())
    .addHelpText('after', '\n  weighhouse hash model.safetensors --format json')
    .action(hashFiles);
}

async function hashFiles(paths: string[], { format }: { format: Format }): Promise<void> {
  const files: HashedFile[] = [];
  for (const { path, problem } of listFiles(paths)) {
    const file = problem === null ? await hashOne(path) : { path, error: problem };
    if ('error' in file) process.exitCode = EXIT_FAILED;
    if (format === 'json') files.push(file);
    else console.log(describe(file));
  }
  if (format === 'json') printJson({ files });
}

async function hashOne(path: string): Promise<HashedFile> {
  const bar = await showProgress('Hashing', path);
  try {
    return { path, ...(await hashFile(path, { onProgress: bar.update })) };
  } catch (error) {
    return { path, error: explain(error) };
  } finally {
    bar.end();
  }
}

function describe(file: HashedFile): string {
  const name = plain(file.path);
  if ('error' in file) return `${name}\n  ${plain(file.error)}\n`;
  const { path: _, ...hashes } = file;
  const lines = Object.entries(hashes).map(([kind, value]) => `  ${kind.padEnd(7)} ${value ?? '—'}`);
  const reversed = Buffer.from(file.crc32, 'hex').reverse().toString('hex');
  return [name, ...lines, `          ${reversed} (crc32 as shown by Civitai)`, ''].join('\n');
}
