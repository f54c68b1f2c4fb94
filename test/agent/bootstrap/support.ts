import { mkdtempSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../../../agent/bootstrap/machine-files.ts";
import type { Sources } from "../../../agent/bootstrap/sources.ts";
import type { Log } from "../../../agent/log.ts";
import type { ClientSettings, ServerSettings } from "../../../agent/node-settings.ts";
import type { PoolSecret } from "../../../constructs/core/secrets.ts";
import { MemoryStore } from "../../bootstrap/support/memory-store.ts";

const shared = {
  environment: "sandbox",
  region: "us-east-1",
  arch: "amd64",
  artefactBucket: "bucket",
  bundleSha256: "0".repeat(64),
  releasesKey: "releases/x.json",
  serverCount: 3,
} as const;
export const serverSettings: ServerSettings = { ...shared, role: "server", serverSecret: "sandbox/servers" };
export const clientSettings: ClientSettings = { ...shared, role: "client", pool: "web", poolSecret: "sandbox/pool-web" };

export const poolSecret = (expiresInMs = 3_600_000): PoolSecret => ({
  caCertificate: "ca",
  nomadCertificate: "nomad certificate",
  nomadKey: "nomad key",
  consulCertificate: "consul certificate",
  consulKey: "consul key",
  consulGossipKey: "gossip",
  consulToken: "consul token",
  nomadIntroductionToken: "introduction",
  nomadToken: "nomad token",
  issuedAt: new Date().toISOString(),
  expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
});

/** A folder that stands for a machine, files owned by whoever runs the tests. */
export class TestMachine implements Machine {
  readonly root = mkdtempSync(join(tmpdir(), "machine-"));
  readonly owners: string[] = [];
  readonly lines: string[] = [];
  readonly log: Log = (level, message, fields) => void this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  readonly ids = async (owner: string, group: string) => {
    this.owners.push(`${owner}:${group}`);
    return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  };

  /** Path -> permission bits, octal. */
  modes(): Record<string, string> {
    const below = (folder: string): [string, string][] =>
      readdirSync(join(this.root, folder)).flatMap((name): [string, string][] => {
        const path = `${folder}/${name}`;
        const { mode } = statSync(join(this.root, path));
        return statSync(join(this.root, path)).isDirectory() ? below(path) : [[path, (mode & 0o777).toString(8)]];
      });
    return Object.fromEntries(below(""));
  }
}

export class TestSources implements Sources {
  readonly store = new MemoryStore();
  name = "i-1";
  address = "10.0.0.1";
  addresses: readonly string[] = ["10.0.0.1", "10.0.0.2"];

  async identity() {
    if (this.store.failure !== undefined) throw this.store.failure;
    return { name: this.name, zone: "us-east-1a", address: this.address };
  }
  async secrets() {
    return this.store;
  }
  async servers() {
    return this.addresses;
  }
}
