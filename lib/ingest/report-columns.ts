import type { ScanReport } from '#scanner/report/index.ts';
import { Prisma } from '../db/index.ts';
import { GLOBALS, READINGS } from './columns.ts';

/** What a file keeps of its scan next to verdict and findings. */
export function columnsOf({ container, rules, globals, readings }: ScanReport) {
  return {
    container,
    rules,
    scannedAt: new Date(),
    globals: GLOBALS.write(globals),
    readings: readings === undefined ? Prisma.DbNull : READINGS.write(readings),
  };
}
