import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { HANG_MS } from './test/support/limits.ts';

// A test that waits for something in vain says so before it is ended itself.
const limits = { testTimeout: 2 * HANG_MS, hookTimeout: 2 * HANG_MS, expect: { poll: { timeout: HANG_MS } } };

const BUNDLE = ['bundle', 'downloads', 'full-disk', 'npm-start', 'package'].map(
  (name) => `test/service/${name}.test.ts`,
);

export default defineConfig({
  test: {
    // Vitest leaves one core free, which is half of a machine with two.
    maxWorkers: availableParallelism(),
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
          exclude: BUNDLE,
          globalSetup: ['test/support/built-app.ts', 'test/support/postgres.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // These make the bundle anew or run from it, one after the other.
        test: {
          ...limits,
          name: 'bundle',
          include: BUNDLE,
          globalSetup: ['test/support/built-app.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
