import { defineConfig } from 'vitest/config';

/** Rings (CONTRACT 1): unit beside the source, then contract, scenario, fault and fuzz below `test/`. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Most tests wait for timers of a SIP server, not for a processor.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
  },
});
