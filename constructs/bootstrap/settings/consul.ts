import { consulDatacenter, paths, ports, tlsFiles } from "../layout.ts";

/** What servers and clients share: HTTPS on loopback only, every peer proves itself, everything is denied unless granted. */
const agent = {
  datacenter: consulDatacenter,
  data_dir: paths.consulData,
  client_addr: "127.0.0.1",
  // Plain HTTP is off. DNS, gRPC and the federation's gossip are not used, so nothing listens there either.
  ports: {
    http: -1,
    https: ports.consulHttps,
    dns: -1,
    grpc: -1,
    grpc_tls: -1,
    server: ports.consulServer,
    serf_lan: ports.consulSerfLan,
    serf_wan: -1,
  },
  tls: {
    defaults: {
      ca_file: tlsFiles.ca,
      cert_file: tlsFiles.consulCertificate,
      key_file: tlsFiles.consulKey,
      verify_incoming: true,
      verify_outgoing: true,
      tls_min_version: "TLSv1_2",
    },
    internal_rpc: { verify_server_hostname: true },
  },
  acl: { enabled: true, default_policy: "deny", down_policy: "extend-cache" },
  // A service that stops has not left: a reboot of everything must find the same quorum.
  leave_on_terminate: false,
  skip_leave_on_interrupt: true,
  retry_interval: "1s",
  // The least Consul takes. Replaced machines come back under another name, so the dead need no longer memory.
  reconnect_timeout: "8h",
  connect: { enabled: false },
  disable_remote_exec: true,
  // Machines ask nobody outside for versions.
  disable_update_check: true,
  enable_script_checks: false,
} as const;

export function consulServerSettings(props: { readonly serverCount: number }): object {
  return {
    ...agent,
    server: true,
    bootstrap_expect: props.serverCount,
    // Elections in seconds, as Consul's guide asks of servers in production.
    performance: { raft_multiplier: 1 },
    peering: { enabled: false },
    autopilot: {
      cleanup_dead_servers: true,
      last_contact_threshold: "200ms",
      server_stabilization_time: "10s",
      // A dead server is forgotten only once its replacement votes, so cleaning up never shrinks the quorum.
      min_quorum: props.serverCount,
    },
  };
}

export function consulClientSettings(): object {
  return { ...agent, server: false };
}
