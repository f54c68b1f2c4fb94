import { ec2Client, secretsManagerClient } from "./aws/clients.ts";
import { existingMachines } from "./aws/machines.ts";
import { instanceCredentials, metadataService } from "./aws/metadata.ts";
import { type ObjectStore, s3Store } from "./aws/s3.ts";
import { SecretsManagerStore } from "./aws/secrets.ts";
import { readClusterSettings } from "./cluster-settings.ts";
import { machineApis } from "./local-apis.ts";
import { jsonLog } from "./log.ts";
import { readNodeIdentity } from "./node-identity.ts";
import { readNodeSettings } from "./node-settings.ts";
import { runClient } from "./run-client.ts";
import { runServer } from "./run-server.ts";

/** `agent run`: the controller of this machine, until SIGTERM. Settings that are not there are an error at once. */
export async function runAgent(): Promise<void> {
  const node = readNodeSettings();
  const cluster = readClusterSettings();
  const identity = readNodeIdentity();
  const log = jsonLog("agent");
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort(new Error(name)));

  const access = { region: node.region, credentials: instanceCredentials(metadataService()) };
  const store: ObjectStore = s3Store({ bucket: node.artefactBucket, ...access });
  const shared = { cluster, identity, store, apis: machineApis, log, signal: stop.signal };
  log("info", "starts", { role: node.role, node: identity.name, bundle: node.bundleSha256.slice(0, 12) });
  if (node.role === "server") {
    const [secretsManager, ec2] = await Promise.all([secretsManagerClient(access), ec2Client(access)]);
    await runServer({
      ...shared,
      node,
      secrets: new SecretsManagerStore(secretsManager),
      existingMachines: (names) => existingMachines(ec2, names),
    });
  } else {
    await runClient({ ...shared, node });
  }
  log("info", "stopped");
}
