/** Paths, users and ports on a machine. Scripts, units, settings, agent and sandbox take them from here. */
export const paths = {
  /** Values for scripts and the agent; the only way values reach a machine's programs. Shell syntax, strictly quoted. */
  bootstrapEnv: "/etc/platform/bootstrap.env",
  /** node, consul, nomad, traefik, app-host, app-compile: verified against the releases manifest. */
  bin: "/opt/edge-fleet/bin",
  /** The unpacked node bundle, one folder per hash, and a link `current`. */
  bundles: "/opt/edge-fleet/bundles",
  currentBundle: "/opt/edge-fleet/bundles/current",
  tls: "/etc/edge-fleet/tls",
  /** Tokens as files, mode 0600. */
  tokens: "/etc/edge-fleet/tokens",
  consulConfig: "/etc/consul.d",
  nomadConfig: "/etc/nomad.d",
  consulData: "/var/lib/consul",
  nomadData: "/var/lib/nomad",
  agentData: "/var/lib/edge-fleet/agent",
  /** The app host's folder: apps/<name>.json, hosts/<host name> -> ../apps/<name>.json, compiled/<file>. */
  appHostData: "/var/lib/edge-fleet/app-host",
  traefikConfig: "/etc/traefik",
  /** Traefik's dynamic document, kept as last good; written by the agent with rename. */
  traefikDynamic: "/var/lib/edge-fleet/ingress/dynamic.json",
} as const;

export const users = { consul: "consul", nomad: "nomad", traefik: "traefik", appHost: "app-host", agent: "fleet-agent" } as const;

/** TCP unless said. Security groups, settings and health checks take them from here. */
export const ports = {
  /** Traefik, behind the load balancer's port 80. */
  ingressHttp: 8000,
  /** Traefik's /ping for the load balancer's health check. */
  ingressPing: 8001,
  /** App host, on the machine's own address. */
  appHost: 8100,
  /** App host: /health and /metrics, loopback and the machine's own address. */
  appHostAdmin: 8101,
  nomadHttp: 4646,
  nomadRpc: 4647,
  /** TCP and UDP. */
  nomadSerf: 4648,
  consulServer: 8300,
  /** TCP and UDP. */
  consulSerfLan: 8301,
  /** HTTPS only; plain HTTP is off. */
  consulHttps: 8501,
} as const;

/** Names that clusters know themselves by. */
export const nomadRegion = "global";
export const consulDatacenter = "dc1";

/** Written at boot by `agent bootstrap`. Keys: owner is the program's user, group `users.agent`, mode 0640. */
export const tlsFiles = {
  /** The region's authority. Mode 0644. */
  ca: `${paths.tls}/ca.pem`,
  consulCertificate: `${paths.tls}/consul.pem`,
  consulKey: `${paths.tls}/consul-key.pem`,
  nomadCertificate: `${paths.tls}/nomad.pem`,
  nomadKey: `${paths.tls}/nomad-key.pem`,
} as const;

/** One token and nothing else in each, owner `users.agent`, mode 0600. Management tokens are in no file. */
export const tokenFiles = {
  /** Every machine: the token of its Consul agent. */
  consul: `${paths.tokens}/consul`,
  /** Clients only: reads nodes, allocations and events. */
  nomad: `${paths.tokens}/nomad`,
} as const;

/** What is known only at boot, beside the bundle's static settings; Consul and Nomad merge them by name. */
export const bootFiles = {
  consul: `${paths.consulConfig}/90-boot.json`,
  nomad: `${paths.nomadConfig}/90-boot.json`,
  /** Nomad looks for it here when it registers for the first time. */
  nomadIntroduction: `${paths.nomadData}/client/intro_token.jwt`,
  /** Id, zone and address of this machine: `NodeIdentity`. No secret, mode 0644. */
  identity: "/var/lib/edge-fleet/node.json",
  /** Made by a client's agent that the servers no longer know; the refresh takes it away and restarts what has to join again. */
  rejoin: `${paths.agentData}/rejoin`,
} as const;

/** Written by the user data. */
export const bootScripts = {
  fetchArtefacts: "/opt/edge-fleet/boot/fetch-artefacts.sh",
  fetchBundle: "/opt/edge-fleet/boot/fetch-bundle.sh",
  /** There once the bundle is installed. */
  installed: "/opt/edge-fleet/boot/installed",
} as const;

/** Name of a machine's role in the bundle: `server`, or `pool-<name>`. */
export const bundleRole = (pool?: string): string => (pool === undefined ? "server" : `pool-${pool}`);

/** Nomad's host volume of `paths.appHostData`, read-only for tasks. */
export const appHostVolume = "app-host";
