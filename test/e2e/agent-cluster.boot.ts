import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { leaderKey } from "../../agent/cluster/policies.ts";
import { consulClient } from "../../agent/consul/client.ts";
import { nomadClient } from "../../agent/nomad/client.ts";
import { runClient } from "../../agent/run-client.ts";
import { runServer } from "../../agent/run-server.ts";
import { ports } from "../../constructs/bootstrap/layout.ts";
import { traefikSettings } from "../../constructs/bootstrap/settings/traefik.ts";
import type { AppDeclaration, AppIndex, StatusDocument } from "../../constructs/core/app.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import type { PoolSecret, ServerSecret } from "../../constructs/core/secrets.ts";
import { LocalCluster, type RunningMachine } from "../agent/support/local-cluster.ts";
import { eventually, freePorts, program } from "../bootstrap/support/local-agents.ts";
import { withEmulator } from "../support/emulator.ts";
import { agentsInCache } from "../tiers/agents-in-cache.ts";

const missing = agentsInCache();
if (missing !== undefined) process.stdout.write(`skipped: agents in a cluster: ${missing}\n`);

const engine = "wasmtime-48.0.8";
const component = Buffer.from("\0asm component of the first release");
const sha256 = createHash("sha256").update(component).digest("hex");
const hello: AppDeclaration = {
  name: "hello",
  pool: "web",
  routes: ["hello.apps.localhost"],
  memoryMb: 64,
  requestTimeoutMs: 1_000,
  concurrency: 16,
  outboundHosts: [],
  env: {},
};

/** The agent's parts against real Consul, Nomad and Traefik, and the emulator's S3 and Secrets Manager. Steps build on one another. */
describe.skipIf(missing !== undefined)("agents of a server and of a client with ingress", () => {
  let cluster: LocalCluster;
  let server: RunningMachine;
  let client: RunningMachine;
  let secret: ServerSecret;
  let appHosts: Server[] = [];
  let isAppHostWell = true;
  const gone = new Set<string>();
  const ends: Promise<void>[] = [];
  const stopFirst = new AbortController();
  const stop = new AbortController();
  const isStopped = { first: false };

  const runAgentOn = (machine: RunningMachine, name: string, signal: AbortSignal): Promise<void> => {
    const end = runServer({
      node: { serverSecret: `${cluster.environment}/servers` },
      cluster: cluster.settings,
      identity: { name, zone: "a", address: "127.0.0.1" },
      store: cluster.store,
      secrets: cluster.secrets,
      existingMachines: async (names) => new Set(names.filter((each) => !gone.has(each))),
      apis: machine.apis,
      log: cluster.log,
      signal,
      tools: cluster.tools,
    });
    ends.push(end);
    return end;
  };
  const managedNomad = () => nomadClient(server.apis.nomad(() => secret.nomadManagementToken));
  const managedConsul = () => consulClient(server.apis.consul(() => secret.consulManagementToken));
  const document = async <T>(key: string): Promise<T | undefined> => {
    const object = await cluster.store.read(key);
    return object === undefined || object === "unchanged" ? undefined : (JSON.parse(object.text) as T);
  };
  const poolSecret = async (pool: string): Promise<PoolSecret | undefined> => {
    const text = await cluster.secrets.get(`${cluster.environment}/pool-${pool}`);
    return text === undefined ? undefined : (JSON.parse(text) as PoolSecret);
  };
  const there = <T>(what: string, look: () => Promise<T | undefined>, withinMs?: number): Promise<T> =>
    eventually(what, cluster.running, look, withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${cluster.lines.slice(-30).join("\n")}`);
    });

  beforeAll(async () => {
    cluster = new LocalCluster(await withEmulator());
    await cluster.prepare();
    server = await cluster.startServer("i-server");
    secret = JSON.parse((await cluster.secrets.get(`${cluster.environment}/servers`)) ?? "{}") as ServerSecret;
  });
  afterAll(async () => {
    stopFirst.abort();
    stop.abort();
    await Promise.all(ends);
    for (const each of appHosts) each.close();
    await cluster.stop();
  });

  test("a server's agent bootstraps access control and issues the pools' credentials", async () => {
    void runAgentOn(server, "i-server", stopFirst.signal).then(() => {
      isStopped.first = true;
    });
    const web = await there("secret of pool web", () => poolSecret("web"));
    const workers = await there("secret of pool workers", () => poolSecret("workers"));
    expect(Object.keys(web).sort()).toEqual(
      [
        ...["caCertificate", "consulCertificate", "consulGossipKey", "consulKey", "consulToken", "expiresAt", "issuedAt"],
        ...["nomadCertificate", "nomadIntroductionToken", "nomadKey", "nomadToken"],
      ].sort(),
    );
    expect(web.consulToken).not.toBe(workers.consulToken);
    // A day: the least of three days for the certificates, and the servers' limits for tokens.
    const lifeHours = (Date.parse(web.expiresAt) - Date.parse(web.issuedAt)) / 3_600_000;
    expect(lifeHours).toBeGreaterThan(23.9);
    expect(lifeHours).toBeLessThanOrEqual(24);
    const clusterSecrets = [
      secret.caKey,
      secret.consulManagementToken,
      secret.nomadManagementToken,
      secret.nomadGossipKey,
      secret.consulServerToken,
    ];
    for (const value of clusterSecrets) expect(JSON.stringify(web)).not.toContain(value);
  });

  test("a pool's tokens allow what its machines need and nothing else", async () => {
    const web = await there("secret of pool web", () => poolSecret("web"));
    const nomad = nomadClient(server.apis.nomad(() => web.nomadToken));
    expect(await nomad.nodes()).toEqual([]);
    await expect(nomad.putPolicy({ name: "x", description: "", rules: "" })).rejects.toThrow(/status 403/);
    await expect(nomad.jobIds("")).rejects.toThrow(/status 403/);
    await expect(nomad.createIntroductionToken({ pool: "web", ttlHours: 1 })).rejects.toThrow(/status 403/);
    const consul = consulClient(server.apis.consul(() => web.consulToken));
    await consul.put("edge-fleet/nodes/web/i-x", "{}");
    await consul.remove("edge-fleet/nodes/web/i-x");
    await expect(consul.put("edge-fleet/nodes/workers/i-x", "{}")).rejects.toThrow(/status 403/);
    await expect(consul.put(leaderKey, "me")).rejects.toThrow(/status 403/);
    await expect(consul.createSession({ name: "x", ttlSeconds: 10 })).rejects.toThrow(/status 403/);
  });

  test("no log line holds a secret", () => {
    const text = cluster.lines.join("\n");
    expect(text).toContain("pool credentials issued");
    for (const value of Object.entries(secret)) if (value[0] !== "createdBy") expect(text).not.toContain(value[1]);
  });

  test("one agent leads; status.json says who and how the servers are", async () => {
    void runAgentOn(server, "i-second", stop.signal);
    const status = await there("status.json", async () => {
      const found = await document<StatusDocument>(artefactKeys.status);
      return found?.servers.nomad[0]?.leader && found.servers.consul[0]?.leader ? found : undefined;
    });
    expect(status.leader).toBe("i-server");
    expect(status.servers.expected).toBe(1);
    expect(status.servers.nomad).toMatchObject([{ name: "i-server", voter: true, leader: true }]);
    expect(status.servers.consul).toMatchObject([{ name: "i-server", address: "127.0.0.1", voter: true, leader: true }]);
    expect(cluster.lines.filter((line) => line.includes('"leads"'))).toHaveLength(1);
  });

  test("a client joins with its pool's credentials; its app host's job is registered once", async () => {
    client = await cluster.startClient("i-client", "web");
    const places = {
      files: client.files,
      appHost: fakeAppHost(join(cluster.folder, "app-host")),
      appFolder: join(cluster.folder, "apps"),
      traefikDocument: join(cluster.folder, "ingress", "dynamic.json"),
      rejoin: join(cluster.folder, "rejoin"),
    };
    appHosts = [
      await listen(ports.appHost, (host) => [200, `app at ${host}`]),
      await listen(ports.appHostAdmin, () => [isAppHostWell ? 200 : 503, ""]),
    ];
    ends.push(
      runClient({
        node: { pool: "web" },
        cluster: cluster.settings,
        identity: { name: "i-client", zone: "a", address: "127.0.0.1" },
        store: cluster.store,
        apis: client.apis,
        log: cluster.log,
        signal: stop.signal,
        places,
      }),
    );
    await there("job app-host-web", () => managedNomad().jobMeta("app-host-web"));
    const job = await jobOf("app-host-web");
    expect(job).toMatchObject({ Type: "system", NodePool: "web", Version: 0, Stop: false });
    expect(await managedNomad().jobIds("app-host-")).toEqual(["app-host-web"]);
    const reported = await there("report of the client", async () => {
      const status = await document<StatusDocument>(artefactKeys.status);
      const node = status?.pools.web?.nodes[0];
      return node?.appHost && node.ready ? node : undefined;
    });
    expect(reported).toMatchObject({ name: "i-client", address: "127.0.0.1", ready: true, appHost: true });
  });

  test("a released component is compiled through presigned URLs and reaches the client's folder", async () => {
    await cluster.put(artefactKeys.component(sha256), component);
    await cluster.put(artefactKeys.app("hello"), JSON.stringify(hello));
    await cluster.put(artefactKeys.release("hello"), JSON.stringify(releaseOf(sha256)));
    const run = await there("compile", async () => (await managedNomad().dispatched("compile"))[0]);
    expect(run.meta).toMatchObject({ component: sha256, engine });
    const index = await document<AppIndex>(artefactKeys.index);
    expect(index).toMatchObject({ engine, apps: { hello: { pool: "web", component: sha256 } } });
    expect(index?.apps.hello).not.toHaveProperty("serving");

    // The compile itself: what app-compile does with the payload.
    const { Payload } = await jobOf(run.id);
    const compile = z
      .object({ from: z.string(), sha256: z.string(), to: z.string() })
      .parse(JSON.parse(Buffer.from(Payload ?? "", "base64").toString()));
    expect(compile.sha256).toBe(sha256);
    expect(Buffer.from(await (await fetch(compile.from)).arrayBuffer()).equals(component)).toBe(true);
    const stored = await fetch(compile.to, { method: "PUT", body: "native code" });
    expect(stored.status).toBe(200);

    const folder = join(cluster.folder, "apps");
    const link = join(folder, "hosts", "hello.apps.localhost");
    await there("host of the app", async () => (existsSync(link) ? true : undefined));
    expect(readlinkSync(link)).toBe("../apps/hello.json");
    const manifest = JSON.parse(readFileSync(link, "utf8")) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: "hello", component: sha256, memory_mb: 64, timeout_ms: 1_000, concurrency: 16, outbound: [] });
    expect(readFileSync(join(folder, "compiled", String(manifest.compiled)), "utf8")).toBe("native code");
    const status = await there("app in status.json", async () => {
      const found = (await document<StatusDocument>(artefactKeys.status))?.apps.hello;
      return found?.nodes.serving === 1 ? found : undefined;
    });
    expect(status).toEqual({ pool: "web", routes: ["hello.apps.localhost"], component: sha256, nodes: { serving: 1, of: 1 } });
    expect(await managedNomad().dispatched("compile")).toHaveLength(1);
  });

  test("a release of what was never uploaded keeps the old one and says why", async () => {
    await cluster.put(artefactKeys.release("hello"), JSON.stringify(releaseOf("f".repeat(64))));
    const entry = await there("problem", async () => {
      const found = (await document<AppIndex>(artefactKeys.index))?.apps.hello;
      return found?.problem === undefined ? undefined : found;
    });
    expect(entry.problem).toBe(
      "component ffffffffffff is not in the bucket. Release it again with `fleet app release`, which uploads it first",
    );
    expect(entry.serving?.component).toBe(sha256);
    await cluster.put(artefactKeys.release("hello"), JSON.stringify(releaseOf(sha256)));
    await there("the rollback", async () =>
      (await document<AppIndex>(artefactKeys.index))?.apps.hello?.problem === undefined ? true : undefined,
    );
  });

  test("Traefik routes by the rendered document", async () => {
    const file = join(cluster.folder, "ingress", "dynamic.json");
    await there("Traefik's document", async () => (existsSync(file) ? true : undefined));
    const listening = await freePorts("web", "ping");
    const settings = traefikSettings() as { entryPoints: Record<string, { address: string }>; providers: { file: { filename: string } } };
    settings.entryPoints.web = { address: `127.0.0.1:${listening.web}` };
    settings.entryPoints.ping = { address: `127.0.0.1:${listening.ping}` };
    settings.providers.file.filename = file;
    writeFileSync(join(cluster.folder, "traefik.yml"), stringify(settings));
    const traefik = cluster.startProgram(program("traefik"), [`--configfile=${join(cluster.folder, "traefik.yml")}`]);

    const answer = await there("answer through Traefik", async () => {
      const found = await ask(listening.web, "hello.apps.localhost:8080");
      return found.status === 200 ? found : undefined;
    });
    expect(answer.body).toBe("app at hello.apps.localhost:8080");
    for (const host of ["apps.localhost", "hello.apps.localhost.example", "hello-apps.localhost", "other.example"]) {
      expect(await ask(listening.web, host)).toMatchObject({ status: 404 });
    }
    expect(traefik.log()).not.toMatch(/"level":"(error|warn)"/i);
    // An app host that does not answer its probe, the only one: it stays, the probe may be what is broken.
    isAppHostWell = false;
    await there("unhealthy app host in status.json", async () =>
      (await document<StatusDocument>(artefactKeys.status))?.pools.web?.nodes[0]?.appHost === false ? true : undefined,
    );
    expect((await ask(listening.web, "hello.apps.localhost")).status).toBe(200);
    isAppHostWell = true;
  });

  test("another agent leads when the first one ends, and nothing is registered anew", async () => {
    const before = await jobOf("app-host-web");
    stopFirst.abort();
    await there("the end of the first agent", async () => (isStopped.first ? true : undefined));
    const status = await there("the second leader", async () => {
      const found = await document<StatusDocument>(artefactKeys.status);
      return found?.leader === "i-second" ? found : undefined;
    });
    await there("the app in the second leader's status", async () =>
      (await document<StatusDocument>(artefactKeys.status))?.apps.hello?.nodes.serving === 1 ? true : undefined,
    );
    expect(status.pools.web?.nodes).toHaveLength(1);
    expect((await jobOf("app-host-web")).Version).toBe(before.Version);
  });

  test("a leader whose session ends stops leading, and leads again with a new one", async () => {
    const consul = managedConsul();
    const lock = await consul.watch(leaderKey, { index: "0", waitSeconds: 1, signal: stop.signal });
    const count = () => cluster.lines.filter((line) => line.includes('"leads"')).length;
    const before = count();
    await consul.destroySession(lock.entry?.session ?? "");
    await there("a new term", async () => (count() > before ? true : undefined));
    expect(cluster.lines.some((line) => line.includes("leads no longer"))).toBe(true);
  });

  test("an app that is taken away leaves the client's folder", async () => {
    const { DeleteObjectCommand } = await import("@aws-sdk/client-s3");
    await cluster.s3.send(new DeleteObjectCommand({ Bucket: cluster.bucket, Key: artefactKeys.app("hello") }));
    const folder = join(cluster.folder, "apps");
    await there("the empty folder", async () =>
      readdirSync(join(folder, "hosts")).length + readdirSync(join(folder, "apps")).length === 0 ? true : undefined,
    );
    expect((await document<AppIndex>(artefactKeys.index))?.apps).toEqual({});
  });

  test("a node whose machine is gone leaves the status", async () => {
    await cluster.stopClient("i-client");
    gone.add("i-client");
    await there(
      "the status without the node",
      async () => ((await document<StatusDocument>(artefactKeys.status))?.pools.web?.nodes.length === 0 ? true : undefined),
      60_000,
    );
    expect(cluster.lines.some((line) => line.includes("its machine is gone"))).toBe(true);
  });

  async function jobOf(id: string) {
    const response = await server.apis.nomad(() => secret.nomadManagementToken).send({ path: `/v1/job/${encodeURIComponent(id)}` });
    return z
      .object({ Type: z.string(), NodePool: z.string(), Version: z.number(), Stop: z.boolean(), Payload: z.string().nullish() })
      .parse(JSON.parse(response.body));
  }
});

function releaseOf(sha: string): object {
  return { current: { component: sha, releasedAt: new Date().toISOString(), releasedBy: "test" }, history: [] };
}

/** Stands in for the program: says its engine. */
function fakeAppHost(file: string): string {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho ${engine}\n`);
  chmodSync(file, 0o755);
  return file;
}

function listen(port: number, answer: (host: string) => [number, string]): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((incoming, outgoing) => {
      const [status, body] = answer(incoming.headers.host ?? "");
      outgoing.writeHead(status).end(body);
    });
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

function ask(port: number, host: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, path: "/", headers: { host }, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
