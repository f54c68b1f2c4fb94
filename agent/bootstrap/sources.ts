import type { SecretStore } from "../../constructs/core/secret-store.ts";
import { ec2Client, secretsManagerClient } from "../aws/clients.ts";
import { instanceCredentials, metadataService } from "../aws/metadata.ts";
import { SecretsManagerStore } from "../aws/secrets.ts";
import { findServerAddresses } from "../aws/servers.ts";
import type { NodeIdentity } from "../node-identity.ts";
import type { NodeSettings } from "../node-settings.ts";

/** Where a machine asks for what it cannot know before it boots. */
export interface Sources {
  identity(): Promise<NodeIdentity>;
  secrets(): Promise<SecretStore>;
  /** Addresses of the servers that run or are about to. */
  servers(): Promise<readonly string[]>;
}

/** On AWS: the metadata service, Secrets Manager, and the tags of the instances. */
export function awsSources({ environment, region }: NodeSettings): Sources {
  const metadata = metadataService();
  const access = { region, credentials: instanceCredentials(metadata) };
  return {
    async identity() {
      const [name, zone, address] = await Promise.all([
        metadata.get("instance-id"),
        metadata.get("placement/availability-zone"),
        metadata.get("local-ipv4"),
      ]);
      return { name, zone, address };
    },
    secrets: async () => new SecretsManagerStore(await secretsManagerClient(access)),
    servers: async () => findServerAddresses(await ec2Client(access), environment),
  };
}
