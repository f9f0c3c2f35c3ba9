import { Command } from 'commander';
import { createKeyFiles } from '../signing/index.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { plain } from './terminal-text.ts';

export function keyCommand(): Command {
  const create = new Command('create')
    .description(
      'Create a key pair for signatures: a private key (EC P-256, PEM, readable only by you) and a public key.',
    )
    .argument('[file]', 'file for the private key; the public key gets the ending .pub', 'signing.key')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\n  weighhouse key create signing.key\n  weighhouse sign model.safetensors --key signing.key',
    )
    .action(createKey);
  return new Command('key').addCommand(create);
}

function createKey(file: string, { format }: { format: Format }): void {
  const publicFile = `${file.replace(/\.(?:key|pem)$/, '')}.pub`;
  const { hint } = createKeyFiles(file, publicFile);
  if (format === 'json') printJson({ privateKey: file, publicKey: publicFile, sha256: hint });
  else console.log(`Private key: ${plain(file)}\nPublic key:  ${plain(publicFile)} (SHA-256 ${hint})`);
}
