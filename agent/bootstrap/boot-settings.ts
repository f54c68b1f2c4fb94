import type { PoolSecret, ServerSecret } from "../../constructs/core/secrets.ts";
import type { NodeIdentity } from "../node-identity.ts";

/** What is known only at boot; Consul and Nomad merge it with the bundle's static settings. */
export interface BootSettings {
  readonly consul: object;
  readonly nomad: object;
}

/** `servers`: addresses of the other servers. The list may be empty: who boots later finds this one. */
export function serverBootSettings(identity: NodeIdentity, secret: ServerSecret, servers: readonly string[]): BootSettings {
  return {
    consul: consul(identity, secret.consulGossipKey, secret.consulServerToken, servers),
    nomad: {
      ...nomad(identity),
      server: { encrypt: secret.nomadGossipKey, ...join(servers) },
    },
  };
}

export function clientBootSettings(identity: NodeIdentity, secret: PoolSecret, servers: readonly string[]): BootSettings {
  return {
    consul: consul(identity, secret.consulGossipKey, secret.consulToken, servers),
    nomad: {
      ...nomad(identity),
      client: { meta: { zone: identity.zone }, ...join(servers) },
    },
  };
}

function consul({ name, zone, address }: NodeIdentity, encrypt: string, agentToken: string, servers: readonly string[]): object {
  return {
    node_name: name,
    node_meta: { zone },
    bind_addr: address,
    advertise_addr: address,
    encrypt,
    retry_join: servers,
    acl: { tokens: { agent: agentToken } },
  };
}

function nomad({ name, address }: NodeIdentity): object {
  return {
    name,
    bind_addr: address,
    // HTTP listens on loopback, so there is nothing to advertise; Nomad refuses to derive it from a loopback address.
    advertise: { http: address, rpc: address, serf: address },
  };
}

function join(servers: readonly string[]): object {
  return servers.length === 0 ? {} : { server_join: { retry_join: servers, retry_interval: "1s" } };
}
