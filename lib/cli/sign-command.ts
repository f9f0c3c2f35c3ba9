import { statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { isSystemError } from '#scanner/errors.ts';
import { sha256OfFile } from '#scanner/hashes/index.ts';
import { exitCode, type ScanReport } from '#scanner/report/index.ts';
import { AppError } from '../errors.ts';
import { loadSigningKey, type SigningKey, signModel } from '../signing/index.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { outputExists } from './output-path.ts';
import { scanFiles } from './scan/index.ts';
import { plain } from './terminal-text.ts';

interface Options {
  key?: string;
  out?: string;
  force?: true;
  anyVerdict?: true;
}

export function signCommand(): Command {
  return new Command('sign')
    .argument('<file...>', 'model files')
    .option('--key <file>', 'private key in PEM format (default: the file in WEIGHHOUSE_SIGNING_KEY)')
    .option('--out <file>', 'file for the signature of a single file (default: the name of the model and .sig)')
    .option('--any-verdict', 'also sign files that are not clean; the signature contains the verdict')
    .option('--force', 'overwrite existing signatures')
    .addHelpText(
      'after',
      `
Each file is scanned first. The signature has the OpenSSF model-signing format (v1.0) and contains the verdict.
Exit status as of scan; files that are not clean are not signed.

  weighhouse key create signing.key
  weighhouse sign model.safetensors --key signing.key --out model.sig
  model_signing verify key model.safetensors --signature model.sig --public_key signing.pub`,
    )
    .action(signFiles);
}

async function signFiles(files: string[], options: Options): Promise<void> {
  const keyPath = options.key ?? process.env.WEIGHHOUSE_SIGNING_KEY;
  if (keyPath === undefined || keyPath === '')
    throw new AppError('bad_request', 'No key. Use --key, or create one with: weighhouse key create');
  if (options.out !== undefined && files.length > 1) throw new AppError('bad_request', '--out is for a single file.');
  const key = loadSigningKey(keyPath);
  const verdicts: ScanReport['verdict'][] = [];
  let isWhole = true;
  const found = files.map((path) => ({ path, problem: null, before: stampOf(path) }));
  for await (const { path, report } of scanFiles(found, { jobs: 1 })) {
    const { verdict } = report;
    verdicts.push(verdict);
    if (verdict !== 'clean' && !options.anyVerdict) {
      console.error(`weighhouse: ${plain(path)} is ${verdict}, and was not signed. See: weighhouse scan`);
      continue;
    }
    const before = found.find((file) => file.path === path)?.before;
    const signature = before === null ? null : await signFile(path, report, key, before ?? '');
    if (signature === null) {
      console.error(`weighhouse: ${plain(path)} cannot be read, or changed while it was scanned. It was not signed.`);
      isWhole = false;
      continue;
    }
    const output = options.out ?? `${path}.sig`;
    writeSignature(output, signature, options.force === true);
    console.log(`${plain(path)} (${verdict}): ${plain(output)}`);
  }
  const code = exitCode(verdicts);
  process.exitCode = isWhole || code === 1 ? code : EXIT_FAILED;
}

/** Null where these are not the bytes that were scanned. */
async function signFile(path: string, report: ScanReport, key: SigningKey, before: string): Promise<string | null> {
  const sha256 = await sha256OfFile(path);
  if (stampOf(path) !== before) return null;
  const { verdict, rules } = report;
  return signModel({ name: basename(path), sha256, scan: { verdict, rules } }, key);
}

/** What changes when a file is written to or replaced; null for what is no file. */
function stampOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() ? [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join() : null;
}

function writeSignature(output: string, signature: string, force: boolean): void {
  try {
    writeFileSync(output, signature, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) throw outputExists(output);
    throw error;
  }
}
