import { poolRole, secretName } from "../../constructs/core/names.ts";
import type { SecretStore } from "../../constructs/core/secret-store.ts";
import type { ServerSecret } from "../../constructs/core/secrets.ts";
import { LeadApps, type LedApps } from "../apps/lead-apps.ts";
import { keepJobs } from "../apps/lead-jobs.ts";
import type { ObjectStore } from "../aws/s3.ts";
import type { Tools } from "../bootstrap/certificates.ts";
import { appPools, type ClusterSettings } from "../cluster-settings.ts";
import type { ConsulClient } from "../consul/client.ts";
import type { Log } from "../log.ts";
import { supervise } from "../loops/supervise.ts";
import type { NodeIdentity } from "../node-identity.ts";
import type { NomadClient } from "../nomad/client.ts";
import { LeadStatus } from "../status/lead-status.ts";
import { type ExistingMachines, removeDepartedNodes } from "./departed-nodes.ts";
import { keepPoolCredentials } from "./pool-credentials.ts";

export interface LeadInput {
  readonly cluster: ClusterSettings;
  readonly identity: NodeIdentity;
  readonly secret: ServerSecret;
  readonly secrets: SecretStore;
  readonly store: ObjectStore;
  /** Clients that carry the management tokens. */
  readonly consul: ConsulClient;
  readonly nomad: NomadClient;
  readonly existingMachines: ExistingMachines;
  readonly log: Log;
  /** Aborts when the lock is lost. */
  readonly signal: AbortSignal;
  /** Default: the installed programs. */
  readonly tools?: Tools;
}

/** Milliseconds between two rounds. */
const pace = {
  apps: 1_000,
  status: 1_000,
  jobs: 2_000,
  credentials: 60_000,
  departed: 10_000,
} as const;

/** Everything the leader does, side by side, until its signal aborts. Each part works alone where another fails. */
export async function lead(input: LeadInput): Promise<void> {
  const { cluster, identity, secret, secrets, store, consul, nomad, log, signal, tools } = input;
  let led: LedApps | undefined;
  const status = new LeadStatus({ store, consul, nomad, settings: cluster, name: identity.name, ledApps: () => led });
  const apps = new LeadApps({ store, nomad, log, engineSetting: cluster.engine, nodeEngines: () => status.engines });
  const pools = appPools(cluster).map(({ name }) => name);
  const loop = { signal, log, maxBackoffMs: 10_000 };

  await Promise.all([
    ...Object.keys(cluster.pools).map((pool) =>
      supervise({ ...loop, name: `credentials of pool ${pool}`, everyMs: pace.credentials, maxBackoffMs: 5_000 }, async () => {
        const name = secretName({ environment: cluster.environment, role: poolRole(pool) });
        await keepPoolCredentials({
          pool,
          secretName: name,
          server: secret,
          secrets,
          consul,
          nomad,
          log,
          ...(tools === undefined ? {} : { tools }),
        });
      }),
    ),
    supervise({ ...loop, name: "jobs", everyMs: pace.jobs }, async () => keepJobs(nomad, pools, await nomad.nodes(), log)),
    supervise({ ...loop, name: "departed nodes", everyMs: pace.departed }, () => removeDepartedNodes(nomad, input.existingMachines, log)),
    supervise({ ...loop, name: "apps", everyMs: pace.apps }, async () => {
      led = await apps.round();
    }),
    supervise({ ...loop, name: "status", everyMs: pace.status }, () => status.round()),
  ]);
}
