import type { ServerSecret } from "../../constructs/core/secrets.ts";
import type { ConsulClient } from "../consul/client.ts";
import type { Log } from "../log.ts";
import type { NomadClient } from "../nomad/client.ts";
import { consulServerPolicy, nomadNodePolicy } from "./policies.ts";
import { stableUuid } from "./stable-uuid.ts";

export interface AclBootstrapInput {
  /** Clients that carry the management tokens. */
  readonly consul: ConsulClient;
  readonly nomad: NomadClient;
  readonly secret: ServerSecret;
  readonly log: Log;
}

/**
 * Makes the management tokens of the servers' secret valid, and the servers' own token with them. Every server runs
 * it until it succeeds; who comes first wins, the others find it done. Consul first: its agents cannot work before.
 */
export async function bootstrapConsulAcl({ consul, secret, log }: AclBootstrapInput): Promise<void> {
  if (!(await consul.tokenWorks())) {
    await requireLeader("Consul", consul);
    const outcome = await consul.bootstrapAcl(secret.consulManagementToken);
    if (outcome === "done") log("info", "Consul's access control bootstrapped");
    // A follower may learn of the token a moment after the leader.
    if (!(await consul.tokenWorks())) throw new Error(tokenUnknown("Consul"));
  }
  await consul.putPolicy(consulServerPolicy);
  await consul.putToken({
    accessorId: stableUuid(`consul accessor ${secret.consulServerToken}`),
    secretId: secret.consulServerToken,
    description: consulServerPolicy.description,
    policies: [consulServerPolicy.name],
  });
}

export async function bootstrapNomadAcl({ nomad, secret, log }: AclBootstrapInput): Promise<void> {
  if (!(await nomad.tokenWorks())) {
    await requireLeader("Nomad", nomad);
    const outcome = await nomad.bootstrapAcl(secret.nomadManagementToken);
    if (outcome === "done") log("info", "Nomad's access control bootstrapped");
    if (!(await nomad.tokenWorks())) throw new Error(tokenUnknown("Nomad"));
  }
  await nomad.putPolicy(nomadNodePolicy);
}

async function requireLeader(program: string, client: { leader(): Promise<string | undefined> }): Promise<void> {
  if ((await client.leader()) === undefined) throw new Error(`${program} has no leader yet`);
}

function tokenUnknown(program: string): string {
  return (
    `${program}: the management token of the servers' secret is not known, although its access control was bootstrapped; ` +
    "expected the token it was bootstrapped with. If this lasts, restore the secret's earlier version"
  );
}
