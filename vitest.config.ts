import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{agent,hub,proto,config,scripts}/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
