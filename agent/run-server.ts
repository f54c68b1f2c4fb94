import type { SecretStore } from "../constructs/core/secret-store.ts";
import type { ServerSecret } from "../constructs/core/secrets.ts";
import type { ObjectStore } from "./aws/s3.ts";
import type { Tools } from "./bootstrap/certificates.ts";
import { parseServerSecret } from "./bootstrap/secret-documents.ts";
import { bootstrapConsulAcl, bootstrapNomadAcl } from "./cluster/acl-bootstrap.ts";
import type { ExistingMachines } from "./cluster/departed-nodes.ts";
import { lead } from "./cluster/lead.ts";
import { leadOnce } from "./cluster/leader.ts";
import { leaderKey } from "./cluster/policies.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { consulClient } from "./consul/client.ts";
import type { LocalApis } from "./local-apis.ts";
import type { Log } from "./log.ts";
import { supervise } from "./loops/supervise.ts";
import { untilDone } from "./loops/until-done.ts";
import type { NodeIdentity } from "./node-identity.ts";
import type { ServerSettings } from "./node-settings.ts";
import { nomadClient } from "./nomad/client.ts";

export interface RunServerInput {
  readonly node: Pick<ServerSettings, "serverSecret">;
  readonly cluster: ClusterSettings;
  readonly identity: NodeIdentity;
  readonly store: ObjectStore;
  readonly secrets: SecretStore;
  readonly existingMachines: ExistingMachines;
  readonly apis: LocalApis;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Default: the installed programs. */
  readonly tools?: Tools;
}

/** A server's agent: sees that access control is bootstrapped, then leads whenever it holds the lock. */
export async function runServer(input: RunServerInput): Promise<void> {
  const { node, identity, secrets, apis, log, signal } = input;
  const secret = await untilDone<ServerSecret>({ name: "servers' secret", signal, log }, async () => {
    const text = await secrets.get(node.serverSecret);
    if (text === undefined) throw new Error(`${node.serverSecret}: no value yet`);
    return parseServerSecret(node.serverSecret, text);
  });
  if (secret === undefined) return;

  const consul = consulClient(apis.consul(() => secret.consulManagementToken));
  const nomad = nomadClient(apis.nomad(() => secret.nomadManagementToken));
  await Promise.all([
    untilDone({ name: "Consul's access control", signal, log }, () => bootstrapConsulAcl({ consul, nomad, secret, log })),
    untilDone({ name: "Nomad's access control", signal, log }, () => bootstrapNomadAcl({ consul, nomad, secret, log })),
  ]);

  const locking = consulClient(apis.consul(() => secret.consulServerToken));
  await supervise({ name: "leader's lock", everyMs: 1_000, maxBackoffMs: 5_000, signal, log }, () =>
    leadOnce({ consul: locking, key: leaderKey, name: identity.name, log, signal }, (held) =>
      lead({ ...input, secret, consul, nomad, signal: held }),
    ),
  );
}
