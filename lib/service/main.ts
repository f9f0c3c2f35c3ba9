import { parseArgs } from 'node:util';
import { AppError } from '../errors.ts';
import { runService } from './supervisor.ts';

const { values } = parseArgs({
  options: { demo: { type: 'boolean', default: false }, dev: { type: 'boolean', default: false } },
});

try {
  await runService({ demo: values.demo, development: values.dev });
  process.exit(0);
} catch (error) {
  console.error(error instanceof AppError ? error.message : error);
  process.exit(1);
}
