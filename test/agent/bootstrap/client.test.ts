import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bootstrapNode } from "../../../agent/bootstrap/bootstrap-node.ts";
import { readNodeIdentity } from "../../../agent/node-identity.ts";
import { bootFiles, tlsFiles, tokenFiles } from "../../../constructs/bootstrap/layout.ts";
import { clientSettings, poolSecret, TestMachine, TestSources } from "./support.ts";

describe("a client's bootstrap", () => {
  let machine: TestMachine;
  let sources: TestSources;
  let reloads: number;
  const bootstrap = (lastGoodAfterMs = 300) =>
    bootstrapNode({
      settings: clientSettings,
      sources,
      log: machine.log,
      machine,
      lastGoodAfterMs,
      reload: async () => {
        reloads += 1;
      },
    });
  const give = (expiresInMs?: number) => void sources.store.values.set("sandbox/pool-web", JSON.stringify(poolSecret(expiresInMs)));
  const read = (path: string) => readFileSync(join(machine.root, path), "utf8");

  beforeEach(() => {
    machine = new TestMachine();
    sources = new TestSources();
    reloads = 0;
  });
  afterEach(() => rmSync(machine.root, { recursive: true }));

  test("waits until the leader has written its pool's secret and a server runs, then writes everything", async () => {
    sources.addresses = [];
    const booted = bootstrap();
    await expect.poll(() => machine.lines.join("\n")).toContain("sandbox/pool-web: no value yet; the servers' leader writes it");
    give(-1000);
    await expect.poll(() => machine.lines.join("\n")).toContain("sandbox/pool-web: expired");
    give();
    await expect.poll(() => machine.lines.join("\n")).toContain("servers of sandbox: none runs; expected at least one");
    expect(machine.modes()).toEqual({});
    sources.addresses = ["10.0.0.2", "10.0.0.3"];
    expect(await booted).toBe("written");

    expect(read(tlsFiles.nomadKey)).toBe("nomad key");
    expect(read(tokenFiles.nomad)).toBe("nomad token");
    expect(read(bootFiles.nomadIntroduction)).toBe("introduction");
    expect(readNodeIdentity(join(machine.root, bootFiles.identity))).toEqual({ name: "i-1", zone: "us-east-1a", address: "10.0.0.1" });
    expect(JSON.parse(read(bootFiles.consul))).toMatchObject({
      node_name: "i-1",
      bind_addr: "10.0.0.1",
      encrypt: "gossip",
      retry_join: ["10.0.0.2", "10.0.0.3"],
      acl: { tokens: { agent: "consul token" } },
    });
    expect(JSON.parse(read(bootFiles.nomad))).toMatchObject({
      name: "i-1",
      client: { meta: { zone: "us-east-1a" }, server_join: { retry_join: ["10.0.0.2", "10.0.0.3"] } },
    });
  });

  test("gives each file to the one user that reads it", async () => {
    give();
    await bootstrap();
    expect(machine.modes()).toEqual({
      [bootFiles.identity]: "644",
      [tlsFiles.ca]: "644",
      [tlsFiles.consulCertificate]: "644",
      [tlsFiles.consulKey]: "640",
      [tlsFiles.nomadCertificate]: "644",
      [tlsFiles.nomadKey]: "640",
      [tokenFiles.consul]: "600",
      [tokenFiles.nomad]: "600",
      [bootFiles.nomadIntroduction]: "600",
      [bootFiles.consul]: "600",
      [bootFiles.nomad]: "600",
    });
    expect(machine.owners).toEqual([
      "root:root",
      "root:root",
      "consul:fleet-agent",
      "root:root",
      "root:fleet-agent",
      "root:root",
      "fleet-agent:fleet-agent",
      "fleet-agent:fleet-agent",
      "root:root",
      "consul:consul",
      "root:root",
    ]);
  });

  test("changes nothing the second time, and has services take up what changed later", async () => {
    give();
    expect(await bootstrap()).toBe("written");
    expect(await bootstrap()).toBe("unchanged");
    expect(reloads).toBe(0);
    sources.addresses = ["10.0.0.9"];
    expect(await bootstrap()).toBe("written");
    expect(reloads).toBe(1);
    expect(machine.lines.at(-1)).toBe('info written {"changed":"/etc/consul.d/90-boot.json /etc/nomad.d/90-boot.json"}');
  });

  test("starts with what it was given last when nobody answers, but only once it had everything", async () => {
    give();
    await bootstrap();
    const before = read(bootFiles.consul);
    sources.store.failure = new Error("connect ECONNREFUSED");
    expect(await bootstrap()).toBe("last good");
    expect(read(bootFiles.consul)).toBe(before);
    expect(machine.lines.at(-1)).toMatch(
      /^warn starting with what this machine was given last .*not there after \d+ ms: connect ECONNREFUSED/,
    );

    rmSync(join(machine.root, tokenFiles.nomad));
    const booted = bootstrap(1);
    await expect.poll(() => machine.lines.at(-1)).toMatch(/^warn what a client needs: waiting .*ECONNREFUSED/);
    sources.store.failure = undefined;
    expect(await booted).toBe("written");
  });

  test("logs no value of the secret", async () => {
    give(-1000);
    const booted = bootstrap();
    await expect.poll(() => machine.lines.join("\n")).toContain("expired");
    give();
    await booted;
    for (const value of ["consul key", "nomad key", "gossip", "consul token", "nomad token", '"introduction"'])
      expect(machine.lines.join("\n")).not.toContain(value);
  });
});
