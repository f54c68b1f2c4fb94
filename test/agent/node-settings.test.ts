import { expect, test } from "vitest";
import { parseNodeSettings } from "../../agent/node-settings.ts";
import { renderBootstrapEnv } from "../../constructs/bootstrap/bootstrap-env.ts";

const shared = {
  environment: "sandbox",
  region: "us-east-1",
  arch: "amd64",
  artefactBucket: "sandbox-us-east-1-artefacts-000000000000",
  bundleSha256: "a".repeat(64),
  releasesKey: "releases/0123456789abcdef.json",
  serverCount: 3,
} as const;

test("reads what the user data wrote, for each role only what belongs to it", () => {
  const server = renderBootstrapEnv({ ...shared, role: "server", serverSecret: "sandbox/servers" });
  expect(parseNodeSettings(server, "f")).toEqual({ ...shared, role: "server", serverSecret: "sandbox/servers" });
  const client = renderBootstrapEnv({ ...shared, role: "client", pool: "web", poolSecret: "sandbox/pool-web" });
  expect(parseNodeSettings(client, "f")).toEqual({ ...shared, role: "client", pool: "web", poolSecret: "sandbox/pool-web" });
});

test("reports every problem at once", () => {
  const text = [
    ...renderBootstrapEnv({ ...shared, role: "client", pool: "Web", poolSecret: "" })
      .trim()
      .split("\n"),
    "REGION=us east",
    "SERVER_COUNT='none'",
  ].join("\n");
  expect(() => parseNodeSettings(text, "/etc/platform/bootstrap.env")).toThrow(
    [
      `/etc/platform/bootstrap.env: line: not an assignment, got "REGION=us east"; expected KEY='value'. Replace this machine`,
      `/etc/platform/bootstrap.env: SERVER_COUNT: not valid, got "none"; expected a number of servers. Replace this machine`,
      `/etc/platform/bootstrap.env: POOL: not valid, got "Web"; expected a pool's name. Replace this machine`,
      `/etc/platform/bootstrap.env: POOL_SECRET: not valid, got ""; expected a secret's name. Replace this machine`,
    ].join("\n"),
  );
});

test("says so when there is nothing to read", () => {
  expect(() => parseNodeSettings("", "f")).toThrow('f: ROLE: not valid, got ""; expected server or client. Replace this machine');
});
