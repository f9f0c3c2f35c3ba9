import { parseArgs } from 'node:util';
import { AppError } from '../errors.ts';
import { EXIT } from './exit-codes.mjs';
import { runService, ServiceFailure } from './supervisor.ts';

const { values } = parseArgs({
  options: { demo: { type: 'boolean', default: false }, dev: { type: 'boolean', default: false } },
});

try {
  await runService({ demo: values.demo, development: values.dev });
  process.exit(EXIT.stopped);
} catch (error) {
  console.error(error instanceof AppError ? error.message : error);
  process.exit(error instanceof ServiceFailure ? error.exitCode : EXIT.noStart);
}
