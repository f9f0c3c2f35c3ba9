/**
 * `weighhouse scan FILE` without options, which is what most scans are: bin/weighhouse.mjs begins it under the permission
 * model, and it is bundled as a single file. It loads no parser of arguments and no streams, and so ends twice as soon.
 * What it prints is what the command prints.
 */
import { exitCode, formatReportText } from '#scanner/report/index.ts';
import { beBrief, sizeOf } from '../process/index.ts';
import { printAndExit } from './print-and-exit.ts';
import { scanHere, scanPath } from './scan/index.ts';
import { wantsColour } from './terminal-text.ts';

const path = process.argv.at(-1) ?? '';
beBrief(sizeOf([path]));
for await (const { report } of scanHere([{ path, problem: null }], scanPath, {})) {
  const text = formatReportText(path, report, { colour: wantsColour() });
  printAndExit(`${text}\n\n`, exitCode([report.verdict]));
}
