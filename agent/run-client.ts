import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { bootFiles, paths, ports } from "../constructs/bootstrap/layout.ts";
import { isEngine } from "./apps/documents.ts";
import { FolderStore } from "./apps/folder-store.ts";
import { FollowIndex } from "./apps/follow-index.ts";
import type { ObjectStore } from "./aws/s3.ts";
import { Membership } from "./cluster/membership.ts";
import { appPools, type ClusterSettings } from "./cluster-settings.ts";
import { consulClient } from "./consul/client.ts";
import { probe } from "./http/probe.ts";
import { followIngress } from "./ingress/follow-ingress.ts";
import { type LocalApis, tokenOf } from "./local-apis.ts";
import type { Log } from "./log.ts";
import { supervise } from "./loops/supervise.ts";
import { untilDone } from "./loops/until-done.ts";
import { type NodeFiles, nodeFiles } from "./node-files.ts";
import type { NodeIdentity } from "./node-identity.ts";
import type { ClientSettings } from "./node-settings.ts";
import { nomadClient } from "./nomad/client.ts";
import { NodeReporter } from "./status/node-reporter.ts";

export interface RunClientInput {
  readonly node: Pick<ClientSettings, "pool">;
  readonly cluster: ClusterSettings;
  readonly identity: NodeIdentity;
  readonly store: ObjectStore;
  readonly apis: LocalApis;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Default: those of the machine. */
  readonly places?: ClientPlaces;
}

export interface ClientPlaces {
  readonly files: NodeFiles;
  /** Program of the app host, asked for its engine. */
  readonly appHost: string;
  /** The app host's folder. */
  readonly appFolder: string;
  readonly traefikDocument: string;
  /** File whose appearance makes the machine fetch its credentials anew. */
  readonly rejoin: string;
}

const machinePlaces: ClientPlaces = {
  files: nodeFiles,
  appHost: join(paths.bin, "app-host"),
  appFolder: paths.appHostData,
  traefikDocument: paths.traefikDynamic,
  rejoin: bootFiles.rejoin,
};

/** A client's agent: apps of its pool on its disk, its report to the leader, and the ingress where its pool has one. */
export async function runClient(input: RunClientInput): Promise<void> {
  const { node, cluster, identity, store, apis, log, signal, places = machinePlaces } = input;
  const pool = cluster.pools[node.pool];
  if (pool === undefined) {
    throw new Error(
      `pool: not in the cluster's settings, got ${node.pool}; expected ${Object.keys(cluster.pools).join(", ")}. Replace this machine`,
    );
  }
  const pools = appPools(cluster);
  const runsApps = pool.domain !== undefined;
  let engine: string | undefined;
  const folder = new FolderStore(places.appFolder);
  const index = new FollowIndex({ store, folder, pool: node.pool, engine: () => engine, log });
  const reporter = new NodeReporter({
    consul: consulClient(apis.consul(tokenOf(places.files.consulToken))),
    pool: node.pool,
    identity,
    engine: () => engine,
    applied: () => index.takenUp,
    isAppHostHealthy: () => (runsApps ? probe(`http://127.0.0.1:${ports.appHostAdmin}/health`, 500) : Promise.resolve(false)),
  });

  const membership = new Membership({
    nomad: nomadClient(apis.nomad(tokenOf(places.files.nomadToken))),
    rejoin: () => {
      log("warn", "the servers do not know this machine, or do not answer: asking for credentials and addresses as they are now");
      writeFileSync(places.rejoin, "");
    },
  });

  const followApps = async (): Promise<void> => {
    await untilDone({ name: "app host's folder", signal, log }, () => folder.prepare());
    await untilDone({ name: "app host's engine", signal, log }, async () => {
      engine = await engineOf(places.appHost);
    });
    await supervise({ name: "apps", everyMs: 1_000, maxBackoffMs: 10_000, signal, log }, () => index.round());
  };
  await Promise.all([
    supervise({ name: "report", everyMs: 1_000, maxBackoffMs: 10_000, signal, log }, () => reporter.round()),
    supervise({ name: "membership", everyMs: 5_000, signal, log }, () => membership.round()),
    ...(runsApps ? [followApps()] : []),
    ...(pool.ingress
      ? [followIngress({ api: apis.nomad(tokenOf(places.files.nomadToken)), pools, file: places.traefikDocument, log, signal })]
      : []),
  ]);
}

async function engineOf(appHost: string): Promise<string> {
  const { stdout } = await promisify(execFile)(appHost, ["--engine"], { timeout: 10_000 });
  const engine = stdout.trim();
  if (!isEngine(engine)) throw new Error(`${appHost} --engine: no engine's name, got ${JSON.stringify(engine.slice(0, 80))}`);
  return engine;
}
