import { defineConfig } from 'vitest/config';

// The limits only end a test that hangs: on a busy machine everything takes many times longer.
const limits = { testTimeout: 120_000, hookTimeout: 180_000, expect: { poll: { timeout: 60_000 } } };

export default defineConfig({
  test: {
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
        test: {
          ...limits,
          name: 'service',
          include: ['test/service/**/*.test.ts', 'test/browser/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ['test/support/built-app.ts'],
          // Each file runs a whole service, and some a browser beside it.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
