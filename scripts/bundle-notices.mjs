// The licences of the packages whose code is in the bundle, which ask to go with every copy.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './with-node.mjs';

/** One text for all packages that the files at these paths, relative to the project, belong to. */
export function noticesOf(paths) {
  const packages = paths.flatMap((path) => /^node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? []);
  return [...new Set(packages)]
    .sort()
    .map(noticeOf)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const texts = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const notices = texts.map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
  return `${name} ${version}, ${license}\n\n${notices.join('\n\n')}\n`;
}
