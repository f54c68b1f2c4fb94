import { createServer } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { portProblems } from "../../sandbox/preflight.ts";

afterEach(() => vi.unstubAllEnvs());

function choose(api: string | number, http: string | number): string[] {
  vi.stubEnv("FLEET_SANDBOX_API_PORT", String(api));
  vi.stubEnv("FLEET_SANDBOX_HTTP_PORT", String(http));
  return portProblems();
}

test("a port that another program has is told with that program and what to do", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  const text = (variable: string): RegExp =>
    new RegExp(
      `^port ${port} of 127\\.0\\.0\\.1: taken, got .+ \\(process ${process.pid}\\); expected it free\\. End that program, or set ${variable} to another port$`,
    );
  // Nobody listens at port 1.
  expect(choose(1, port)).toEqual([expect.stringMatching(text("FLEET_SANDBOX_HTTP_PORT"))]);
  expect(choose(port, 1)).toEqual([expect.stringMatching(text("FLEET_SANDBOX_API_PORT"))]);
  await new Promise((resolve) => server.close(resolve));
  expect(choose(1, port)).toEqual([]);
});

test("what is no port, and one port for both, are told before anything listens", () => {
  expect(choose(5700, "abc")).toEqual(['FLEET_SANDBOX_HTTP_PORT: no port, got "abc"; expected 1 to 65535. Set another number or unset it']);
  expect(choose(8080, 8080)).toEqual([
    "FLEET_SANDBOX_HTTP_PORT: the API's port as well, got 8080 for both; expected two ports. Set it or FLEET_SANDBOX_API_PORT to another one",
  ]);
});
