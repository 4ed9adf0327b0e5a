import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "src/**/*.test.ts",
      "tools/**/*.test.ts",
      "examples/**/*.test.ts",
      // Not infra/cdk: it needs CDK, which has a lockfile of its own; .ci/run installs and runs it.
      "infra/*.test.ts",
      "prompts/**/*.test.ts",
      "runbooks/**/*.test.ts",
    ],
    setupFiles: ["vitest.setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
