import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "src/**/*.test.ts",
      "tools/**/*.test.ts",
      "examples/**/*.test.ts",
      "infra/**/*.test.ts",
      "prompts/**/*.test.ts",
      "runbooks/**/*.test.ts",
    ],
    // Needs CDK, which has a folder and a lockfile of its own; .ci/run installs and runs it.
    exclude: ["**/node_modules/**", "infra/cdk/**"],
    setupFiles: ["vitest.setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
