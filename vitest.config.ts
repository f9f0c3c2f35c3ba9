import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { HANG_MS } from './test/support/limits.ts';

// A test that waits for something in vain says so before it is ended itself.
const limits = { testTimeout: 2 * HANG_MS, hookTimeout: 2 * HANG_MS, expect: { poll: { timeout: HANG_MS } } };

/** What makes another bundle in the place of the one that services run from. */
const PACKAGE = 'test/service/package.test.ts';

/** Files of these folders take longest: what begins last must not keep one core busy while the others have nothing to do. */
const LONG = /\/test\/(?:service|browser|integration\/render)\//;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [
      ...sorted.filter(({ moduleId }) => LONG.test(moduleId)),
      ...sorted.filter(({ moduleId }) => !LONG.test(moduleId)),
    ];
  }
}

export default defineConfig({
  test: {
    // Vitest leaves one core free; many tests wait for a service, a page or a limit of time, and another file can use it.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        // Everything that needs no database: the server below is only started where a test of its project runs.
        test: {
          ...limits,
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/conformance/**/*.test.ts'],
        },
      },
      {
        test: {
          ...limits,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/postgres.ts'],
        },
      },
      {
        // Each file runs a whole service, and some a browser beside it.
        test: {
          ...limits,
          name: 'service',
          include: ['test/service/**/*.test.ts', 'test/browser/**/*.test.ts'],
          exclude: [PACKAGE],
          globalSetup: ['test/support/built-app.ts', 'test/support/postgres.ts'],
        },
      },
      {
        // Runs when the others are done.
        test: {
          ...limits,
          name: 'package',
          include: [PACKAGE],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
