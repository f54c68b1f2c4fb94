import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**"],
    // Each file would load the provider anew: 10x the time. So tests change no global and no process.env.
    isolate: false,
    pool: "threads",
    testTimeout: 20_000,
  },
});
