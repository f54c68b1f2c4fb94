import { execFileSync } from "node:child_process";
import { chmodSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrapNode } from "../../agent/bootstrap/bootstrap-node.ts";
import { issueCertificates, type Tools } from "../../agent/bootstrap/certificates.ts";
import { parseServerSecret } from "../../agent/bootstrap/secret-documents.ts";
import type { Sources } from "../../agent/bootstrap/sources.ts";
import type { NodeSettings } from "../../agent/node-settings.ts";
import { bootFiles, paths, tlsFiles } from "../../constructs/bootstrap/layout.ts";
import type { PoolSecret, ServerSecret } from "../../constructs/core/secrets.ts";
import { agentsInCache } from "../tiers/agents-in-cache.ts";
import { exampleBundle } from "./support/example-bundle.ts";
import {
  call,
  eventually,
  freePorts,
  giveTo,
  type LocalMachine,
  layOut,
  program,
  type Running,
  relocate,
  start,
} from "./support/local-agents.ts";
import { MemoryStore } from "./support/memory-store.ts";

const missing = agentsInCache();
if (missing !== undefined) process.stdout.write(`skipped: cluster security: ${missing}\n`);

const nobody = 65534;

/** The rendered settings, run by the real programs as one server and one client on loopback. */
describe.skipIf(missing !== undefined)("agents with the machines' settings", () => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-"));
  chmodSync(folder, 0o755);
  const tools: Tools = { consul: program("consul"), nomad: program("nomad") };
  const bundle = exampleBundle({ serverCount: 1 });
  const store = new MemoryStore();
  const running: Running[] = [];
  const lines: string[] = [];
  const shared = {
    environment: "sandbox",
    region: "us-east-1",
    arch: "amd64",
    artefactBucket: "bucket",
    bundleSha256: bundle.sha256,
    releasesKey: "releases/x.json",
    serverCount: 1,
  } as const;
  let server: LocalMachine;
  let secret: ServerSecret;
  let consul: Record<"https" | "server" | "serf_lan", number>;
  let nomad: Record<"http" | "rpc" | "serf", number>;
  let identity: { certificate: string; key: string };
  let ca: string;

  const bootstrap = (machine: LocalMachine, settings: NodeSettings, name: string, servers: readonly string[]) => {
    const sources: Sources = {
      identity: async () => ({ name, zone: "us-east-1a", address: "127.0.0.1" }),
      secrets: async () => store,
      servers: async () => servers,
    };
    return bootstrapNode({
      settings,
      sources,
      log: (level, message, fields) => void lines.push(`${level} ${message} ${JSON.stringify(fields)}`),
      machine: machine.machine,
      tools,
    });
  };
  const nomadCall = (path: string, rest: object = {}) => call({ port: nomad.http, path, ca, identity, ...rest });
  const consulCall = (path: string, rest: object = {}) => call({ port: consul.https, path, ca, identity, ...rest });
  const asManager = (program: "nomad" | "consul") => ({
    headers: { [`x-${program}-token`]: program === "nomad" ? secret.nomadManagementToken : secret.consulManagementToken },
  });

  beforeAll(async () => {
    server = layOut(join(folder, "server"), bundle, "server");
    expect(await bootstrap(server, { ...shared, role: "server", serverSecret: "sandbox/servers" }, "i-server", ["127.0.0.1"])).toBe(
      "written",
    );
    secret = parseServerSecret("sandbox/servers", store.values.get("sandbox/servers") ?? "");
    ca = join(server.root, tlsFiles.ca);
    identity = { certificate: join(server.root, tlsFiles.nomadCertificate), key: join(server.root, tlsFiles.nomadKey) };
    consul = await freePorts("https", "server", "serf_lan");
    nomad = await freePorts("http", "rpc", "serf");
    relocate(server, "consul", consul);
    relocate(server, "nomad", nomad);
    running.push(
      start(tools.consul, ["agent", `-config-dir=${join(server.root, paths.consulConfig)}`]),
      start(tools.nomad, ["agent", `-config=${join(server.root, paths.nomadConfig)}`]),
    );
    await eventually("Nomad's leader", running, async () => ((await nomadCall("/v1/status/leader")).body.length > 4 ? true : undefined));
    await eventually("Consul's leader", running, async () => ((await consulCall("/v1/status/leader")).body.length > 4 ? true : undefined));
  });
  afterAll(async () => {
    await Promise.all(running.map((each) => each.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  test("both programs accept every setting of every role", () => {
    for (const role of ["server", "pool-web", "pool-workers"]) {
      const { root } = layOut(join(folder, `validate-${role}`), bundle, role);
      const nomadOutput = execFileSync(tools.nomad, ["config", "validate", join(root, paths.nomadConfig)], {
        encoding: "utf8",
        stdio: "pipe",
      });
      expect(nomadOutput).toContain("Configuration is valid!");
      expect(nomadOutput).not.toMatch(/warn|deprecat|unknown/i);
      // Consul alone wants to know its keys here.
      const tls = {
        defaults: {
          ca_file: ca,
          cert_file: join(server.root, tlsFiles.consulCertificate),
          key_file: join(server.root, tlsFiles.consulKey),
        },
      };
      writeFileSync(
        join(root, paths.consulConfig, "90-boot.json"),
        JSON.stringify({ encrypt: secret.consulGossipKey, bind_addr: "127.0.0.1", tls }),
      );
      const consulOutput = execFileSync(tools.consul, ["validate", join(root, paths.consulConfig)], { encoding: "utf8", stdio: "pipe" });
      expect(consulOutput).toContain("Configuration is valid!");
    }
  });

  test("nothing listens for Consul's plain HTTP, DNS or gRPC, and plain HTTP on the TLS ports is refused", async () => {
    const self = JSON.parse((await consulCall("/v1/agent/self", await consulBootstrapped())).body);
    expect(self.DebugConfig).toMatchObject({ HTTPPort: -1, DNSPort: -1, GRPCPort: -1, GRPCTLSPort: -1, ServerMode: true });
    for (const port of [nomad.http, consul.https]) {
      const answer = await plainHttp(port);
      expect(answer).toMatch(/^HTTP\/1\.0 400 Bad Request/);
      expect(answer).toContain("Client sent an HTTP request to an HTTPS server");
    }
  });

  test("a client without a certificate, or with one of another authority, is refused", async () => {
    const foreign = await foreignCertificate(tools, folder);
    for (const port of [nomad.http, consul.https]) {
      const path = "/v1/status/leader";
      await expect(call({ port, path, ca })).rejects.toThrow(/certificate required|ECONNRESET|bad certificate|socket hang up/i);
      await expect(call({ port, path, ca, identity: foreign })).rejects.toThrow(/unknown ca|bad certificate|ECONNRESET|socket hang up/i);
      expect((await call({ port, path, ca, identity })).status).toBe(200);
    }
  });

  test("a request without a token is refused, one with the bootstrapped token is answered", async () => {
    await consulBootstrapped();
    await nomadBootstrapped();
    expect(await nomadCall("/v1/nodes")).toMatchObject({ status: 403, body: "Permission denied" });
    expect(await nomadCall("/v1/nodes", asManager("nomad"))).toMatchObject({ status: 200 });
    expect((await consulCall("/v1/agent/self")).status).toBe(403);
    expect((await consulCall("/v1/kv/a?raw", { method: "PUT", body: {} })).status).toBe(403);
    expect((await consulCall("/v1/agent/self", asManager("consul"))).status).toBe(200);
  });

  test("gossip is encrypted, Consul's with the key of the secret", async () => {
    await consulBootstrapped();
    const keys = JSON.parse((await consulCall("/v1/operator/keyring", asManager("consul"))).body);
    expect(Object.keys(keys[0].Keys)).toEqual([secret.consulGossipKey]);
    const { stats } = JSON.parse((await nomadCall("/v1/agent/self", await nomadBootstrapped())).body);
    expect(stats.serf.encrypted).toBe("true");
  });

  test("a Nomad client joins its pool with an introduction token, and not without one or with another pool's", async () => {
    await nomadBootstrapped();
    const introduce = async (pool: string) => {
      const answer = await nomadCall("/v1/acl/identity/client-introduction-token", {
        ...asManager("nomad"),
        method: "POST",
        body: { NodePool: pool },
      });
      return JSON.parse(answer.body).JWT as string;
    };
    const nodes = async () =>
      JSON.parse((await nomadCall("/v1/nodes", asManager("nomad"))).body) as {
        ID: string;
        Name: string;
        Status: string;
        NodePool: string;
      }[];

    const strangers = await Promise.all([client("i-without", ""), client("i-other", await introduce("workers"))]);
    for (const stranger of strangers)
      await eventually("the refusal", [stranger], async () =>
        /error registering.*Permission denied/.test(stranger.log()) ? true : undefined,
      );
    expect(await nodes()).toEqual([]);

    const member = await client("i-member", await introduce("web"));
    const node = await eventually("the node", [member], async () =>
      (await nodes()).find(({ Name, Status }) => Name === "i-member" && Status === "ready"),
    );
    expect(node.NodePool).toBe("web");
    const { Meta, Drivers, HostVolumes } = JSON.parse((await nomadCall(`/v1/node/${node.ID}`, asManager("nomad"))).body);
    expect(Meta).toMatchObject({ zone: "us-east-1a" });
    expect(Object.keys(Drivers)).toEqual(["exec"]);
    expect(Object.keys(HostVolumes)).toEqual(["app-host"]);
    expect((await nodes()).map(({ Name }) => Name)).toEqual(["i-member"]);
  });

  async function client(name: string, introduction: string): Promise<Running> {
    const machine = layOut(join(folder, name), bundle, "pool-web");
    const [consulPair, nomadPair] = await issueCertificates(
      { certificate: secret.caCertificate, key: secret.caKey },
      [
        { program: "consul", role: "client", days: 3 },
        { program: "nomad", role: "client", days: 3 },
      ],
      tools,
    );
    const poolSecret: PoolSecret = {
      caCertificate: secret.caCertificate,
      nomadCertificate: nomadPair?.certificate ?? "",
      nomadKey: nomadPair?.key ?? "",
      consulCertificate: consulPair?.certificate ?? "",
      consulKey: consulPair?.key ?? "",
      consulGossipKey: secret.consulGossipKey,
      consulToken: secret.consulServerToken,
      nomadIntroductionToken: introduction === "" ? "none" : introduction,
      nomadToken: secret.consulServerToken,
      issuedAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    };
    store.values.set("sandbox/pool-web", JSON.stringify(poolSecret));
    await bootstrap(machine, { ...shared, role: "client", pool: "web", poolSecret: "sandbox/pool-web" }, name, [`127.0.0.1:${nomad.rpc}`]);
    if (introduction === "") rmSync(join(machine.root, bootFiles.nomadIntroduction));
    relocate(machine, "nomad", await freePorts("http", "rpc", "serf"), {
      // Of no user but root there are no tasks here, only the registration.
      // A second key, because Nomad takes a JSON object with one object in it for a label.
      client: { enabled: true, host_volume: { "app-host": { path: machine.root, read_only: true } } },
    });
    giveTo(machine.root, nobody);
    // The cache may lie in a folder that only its owner can enter.
    if (!existsSync(join(folder, "nomad"))) copyFileSync(tools.nomad, join(folder, "nomad"), constants.COPYFILE_FICLONE);
    const agent = start(join(folder, "nomad"), ["agent", `-config=${join(machine.root, paths.nomadConfig)}`], nobody);
    running.push(agent);
    return agent;
  }

  async function consulBootstrapped(): Promise<object> {
    const answer = await consulCall("/v1/acl/bootstrap", { method: "PUT", body: { BootstrapSecret: secret.consulManagementToken } });
    if (answer.status !== 200) expect(answer.body).toContain("ACL bootstrap no longer allowed");
    return asManager("consul");
  }

  async function nomadBootstrapped(): Promise<object> {
    const answer = await nomadCall("/v1/acl/bootstrap", { method: "POST", body: { BootstrapSecret: secret.nomadManagementToken } });
    if (answer.status !== 200) expect(answer.body).toContain("ACL bootstrap already done");
    return asManager("nomad");
  }
});

async function foreignCertificate(tools: Tools, folder: string): Promise<{ certificate: string; key: string }> {
  const { createAuthority } = await import("../../agent/bootstrap/certificates.ts");
  const [issued] = await issueCertificates(
    await createAuthority("Somebody else", tools),
    [{ program: "nomad", role: "server", days: 1 }],
    tools,
  );
  const files = { certificate: join(folder, "foreign.pem"), key: join(folder, "foreign-key.pem") };
  writeFileSync(files.certificate, issued?.certificate ?? "");
  writeFileSync(files.key, issued?.key ?? "");
  return files;
}

function plainHttp(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () =>
      socket.write("GET /v1/status/leader HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    );
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
    socket.setTimeout(5000, () => socket.destroy(new Error("no answer within 5 s")));
  });
}
