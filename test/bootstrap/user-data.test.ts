import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseNodeSettings } from "../../agent/node-settings.ts";
import { renderBootstrapEnv, type UserDataProps } from "../../constructs/bootstrap/bootstrap-env.ts";
import { renderUserData } from "../../constructs/bootstrap/user-data.ts";

const server: UserDataProps = {
  environment: "sandbox",
  region: "us-east-1",
  role: "server",
  arch: "amd64",
  artefactBucket: "sandbox-us-east-1-artefacts-000000000000",
  bundleSha256: "a".repeat(64),
  releasesKey: "releases/0123456789abcdef.json",
  serverCount: 3,
  serverSecret: "sandbox/servers",
};
const { serverSecret: _none, ...shared } = server;
const client: UserDataProps = { ...shared, role: "client", pool: "web", poolSecret: "sandbox/pool-web" };

/** Any text of one line, with what shells treat specially more often than chance would have it. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom("'", '"', "$(touch /tmp/x)", "`id`", "\\", ";", "&&", "$HOME", "#", "!", "*", "~", "'\\''", " ", "é", "𝒳"),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    ),
  )
  .map((parts) => parts.join("").replaceAll(/\p{Cc}/gu, ""));

describe("bootstrap.env", () => {
  test("the shell reads every value as it was given, and runs none of it", () => {
    const values = fc.sample(nasty, { numRuns: 200, seed: 1 });
    const script = values.map((value) => `${renderBootstrapEnv({ ...client, pool: value })}printf '%s\\0' "$POOL"`).join("\n");
    const read = execFileSync("/bin/bash", ["-eu"], { input: script, encoding: "utf8", env: {} }).split("\0");
    expect(read.slice(0, -1)).toEqual(values);
  });

  test("the agent reads every value as it was given", () => {
    fc.assert(
      fc.property(nasty, (value) => {
        const text = renderBootstrapEnv({ ...client, region: value });
        let got: string | undefined;
        try {
          got = parseNodeSettings(text, "f").region;
        } catch (error) {
          got = JSON.parse(/REGION: not valid, got (".*"); expected a region's name/.exec(String(error))?.[1] ?? "null");
        }
        expect(got).toBe(value);
      }),
    );
  });

  test("refuses control characters, which no quoting brings through every reader", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("\n", "\r", "\0", "\t", "\u001b", "\u007f"), fc.string(), (before, control, after) => {
        expect(() => renderBootstrapEnv({ ...server, environment: before + control + after })).toThrow(
          /^ENVIRONMENT: control character, got ".*"; expected one line of text\. Remove it$/,
        );
      }),
    );
  });
});

describe("renderUserData", () => {
  test("is a cloud-config with the values, the programs as they are in the project, and the unit that runs them", () => {
    const text = renderUserData(client);
    expect(text.startsWith("#cloud-config\n")).toBe(true);
    const { write_files: files, runcmd } = parse(text);
    expect(files.map(({ path, permissions }: Record<string, string>) => [path, permissions])).toEqual([
      ["/etc/platform/bootstrap.env", "0644"],
      ["/opt/edge-fleet/boot/fetch-artefacts.sh", "0755"],
      ["/opt/edge-fleet/boot/fetch-bundle.sh", "0755"],
      ["/etc/systemd/system/edge-fleet-install.service", "0644"],
    ]);
    expect(files[0].content).toBe(renderBootstrapEnv(client));
    for (const [index, name] of [
      [1, "fetch-artefacts.sh"],
      [2, "fetch-bundle.sh"],
    ] as const)
      expect(files[index].content).toBe(readFileSync(new URL(`../../constructs/bootstrap/files/${name}`, import.meta.url), "utf8"));
    expect(files[3].content).toContain("ExecStart=/opt/edge-fleet/boot/fetch-bundle.sh\n");
    expect(runcmd.at(-1)).toEqual(["systemctl", "--no-block", "enable", "--now", "edge-fleet-install.service"]);
  });

  test("a client is told no other secret's name than its own", () => {
    expect(renderUserData(client)).not.toContain("sandbox/servers");
    expect(renderUserData(server)).not.toContain("pool-");
  });

  test("stays far below EC2's limit, and says so when it does not", () => {
    expect(Buffer.byteLength(renderUserData(client))).toBeLessThan(8 * 1024);
    expect(() => renderUserData({ ...client, pool: "p".repeat(16_384) })).toThrow(
      /^userData: too long, got \d{5} bytes; expected at most 16384, EC2's limit\. Move what grew into the node bundle$/,
    );
  });
});
