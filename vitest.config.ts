import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{agent,hub,proto,config,scripts}/**/*.test.{ts,tsx}'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
