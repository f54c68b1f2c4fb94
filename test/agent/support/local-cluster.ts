import { chmodSync, copyFileSync, existsSync, linkSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type ObjectStore, s3Store } from "../../../agent/aws/s3.ts";
import { SecretsManagerStore } from "../../../agent/aws/secrets.ts";
import { bootstrapNode } from "../../../agent/bootstrap/bootstrap-node.ts";
import type { Tools } from "../../../agent/bootstrap/certificates.ts";
import type { ClusterSettings } from "../../../agent/cluster-settings.ts";
import { localApi } from "../../../agent/http/local-api.ts";
import type { LocalApis } from "../../../agent/local-apis.ts";
import type { Log } from "../../../agent/log.ts";
import type { NodeFiles, TlsFiles } from "../../../agent/node-files.ts";
import type { NodeSettings } from "../../../agent/node-settings.ts";
import { paths, tlsFiles, tokenFiles } from "../../../constructs/bootstrap/layout.ts";
import type { Emulator } from "../../../sandbox/emulator/emulator.ts";
import { exampleBundle } from "../../bootstrap/support/example-bundle.ts";
import {
  freePorts,
  giveTo,
  type LocalMachine,
  layOut,
  program,
  type Running,
  relocate,
  start,
} from "../../bootstrap/support/local-agents.ts";
import { clientSettings, testRegion, uniqueName } from "../../support/emulator.ts";

const nobody = 65534;

/** A machine whose Consul and Nomad run on loopback with the settings that machines get. */
export interface RunningMachine {
  readonly name: string;
  readonly apis: LocalApis;
  readonly files: NodeFiles;
  readonly nomadPorts: Record<"http" | "rpc" | "serf", number>;
}

/** One server and as many clients as wanted, with a bucket and secrets in the emulator. */
export class LocalCluster {
  readonly folder = mkdtempSync(join(tmpdir(), "agent-cluster-"));
  readonly tools: Tools = { consul: program("consul"), nomad: program("nomad") };
  readonly bucket = uniqueName("artefacts");
  readonly environment: string;
  readonly settings: ClusterSettings;
  readonly store: ObjectStore;
  readonly secrets: SecretsManagerStore;
  readonly s3: S3Client;
  readonly running: Running[] = [];
  readonly lines: string[] = [];
  readonly #secretsClient: SecretsManagerClient;
  readonly #clients = new Map<string, Running[]>();
  #serfPort = 0;
  #rpcPort = 0;

  constructor(emulator: Emulator) {
    chmodSync(this.folder, 0o755);
    this.environment = uniqueName("agents").replace("-", "");
    this.settings = {
      environment: this.environment,
      region: testRegion,
      serverCount: 1,
      pools: { web: { arch: "amd64", ingress: true, domain: "apps.localhost" }, workers: { arch: "amd64", ingress: false } },
    };
    const settings = clientSettings(emulator);
    this.s3 = new S3Client(settings);
    this.#secretsClient = new SecretsManagerClient(settings);
    this.secrets = new SecretsManagerStore(this.#secretsClient);
    this.store = s3Store({
      bucket: this.bucket,
      region: testRegion,
      endpoint: emulator.endpoint,
      credentials: async () => emulator.deployer,
    });
  }

  /** What Terraform makes: a bucket, and containers without a value. */
  async prepare(): Promise<void> {
    await this.s3.send(new CreateBucketCommand({ Bucket: this.bucket }));
    for (const role of ["servers", "pool-web", "pool-workers"]) {
      await this.#secretsClient.send(new CreateSecretCommand({ Name: `${this.environment}/${role}` }));
    }
  }

  put(key: string, body: string | Uint8Array): Promise<unknown> {
    return this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body }));
  }

  log: Log = (level, message, fields) => {
    this.lines.push(JSON.stringify({ level, message, ...fields }));
  };

  async startServer(name: string): Promise<RunningMachine> {
    const settings = { ...this.#shared, role: "server", serverSecret: `${this.environment}/servers` } as const;
    const { machine, ports } = await this.#bootstrap(name, "server", settings, []);
    this.#rpcPort = ports.nomad.rpc;
    this.#serfPort = ports.consul.serf_lan;
    this.#startPrograms(machine);
    return running(name, machine, ports);
  }

  /** Consul and Nomad clients of a pool. Nomad runs as nobody: it registers, and can run no task. */
  async startClient(name: string, pool: string): Promise<RunningMachine> {
    const settings = { ...this.#shared, role: "client", pool, poolSecret: `${this.environment}/pool-${pool}` } as const;
    const { machine, ports } = await this.#bootstrap(name, `pool-${pool}`, settings, [`127.0.0.1:${this.#rpcPort}`]);
    giveTo(machine.root, nobody);
    this.#clients.set(name, this.#startPrograms(machine, nobody));
    return running(name, machine, ports);
  }

  /** As a machine that is lost: nothing says goodbye. */
  async stopClient(name: string): Promise<void> {
    const programs = this.#clients.get(name) ?? [];
    for (const each of programs) this.running.splice(this.running.indexOf(each), 1);
    await Promise.all(programs.map((each) => each.stop()));
  }

  startProgram(file: string, args: readonly string[]): Running {
    const started = start(file, args);
    this.running.push(started);
    return started;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((each) => each.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #shared() {
    return {
      environment: this.environment,
      region: testRegion,
      arch: "amd64",
      artefactBucket: this.bucket,
      bundleSha256: "0".repeat(64),
      releasesKey: "releases/x.json",
      serverCount: 1,
    } as const;
  }

  async #bootstrap(name: string, role: string, settings: NodeSettings, servers: readonly string[]) {
    const bundle = exampleBundle({ environment: this.environment, serverCount: 1 });
    const machine = layOut(join(this.folder, name), bundle, role);
    await bootstrapNode({
      settings,
      sources: {
        identity: async () => ({ name, zone: `${testRegion}a`, address: "127.0.0.1" }),
        secrets: async () => this.secrets,
        servers: async () => servers,
      },
      log: () => undefined,
      machine: machine.machine,
      tools: this.tools,
    });
    const [consul, nomad] = await Promise.all([freePorts("https", "server", "serf_lan"), freePorts("http", "rpc", "serf")]);
    relocate(machine, "consul", consul, settings.role === "client" ? { retry_join: [`127.0.0.1:${this.#serfPort}`] } : {});
    // With one key only, Nomad would read the objects as labels of one block.
    const volume = { client: { enabled: true, host_volume: { "app-host": { path: machine.root, read_only: true } } } };
    relocate(machine, "nomad", nomad, settings.role === "client" ? volume : {});
    return { machine, ports: { consul, nomad } };
  }

  #startPrograms(machine: LocalMachine, user?: number): Running[] {
    const tool = (name: keyof Tools): string => (user === undefined ? this.tools[name] : this.#reachable(this.tools[name]));
    const programs = [
      start(tool("consul"), ["agent", `-config-dir=${join(machine.root, paths.consulConfig)}`], user),
      start(tool("nomad"), ["agent", `-config=${join(machine.root, paths.nomadConfig)}`], user),
    ];
    this.running.push(...programs);
    return programs;
  }

  /** The cache often lies in a home that nobody else may enter. */
  #reachable(file: string): string {
    const copy = join(this.folder, basename(file));
    if (existsSync(copy)) return copy;
    try {
      linkSync(file, copy);
    } catch {
      copyFileSync(file, copy);
    }
    return copy;
  }
}

function running(
  name: string,
  { root }: LocalMachine,
  ports: { readonly consul: { readonly https: number }; readonly nomad: RunningMachine["nomadPorts"] },
): RunningMachine {
  const at = ({ ca, certificate, key }: TlsFiles): TlsFiles => ({
    ca: join(root, ca),
    certificate: join(root, certificate),
    key: join(root, key),
  });
  const files: NodeFiles = {
    consulTls: at({ ca: tlsFiles.ca, certificate: tlsFiles.consulCertificate, key: tlsFiles.consulKey }),
    nomadTls: at({ ca: tlsFiles.ca, certificate: tlsFiles.nomadCertificate, key: tlsFiles.nomadKey }),
    consulToken: join(root, tokenFiles.consul),
    nomadToken: join(root, tokenFiles.nomad),
  };
  return {
    name,
    files,
    nomadPorts: ports.nomad,
    apis: {
      consul: (token) => localApi({ program: "consul", port: ports.consul.https, tls: files.consulTls, token }),
      nomad: (token) => localApi({ program: "nomad", port: ports.nomad.http, tls: files.nomadTls, token }),
    },
  };
}
