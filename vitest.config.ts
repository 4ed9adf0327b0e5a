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
    setupFiles: ["vitest.setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
