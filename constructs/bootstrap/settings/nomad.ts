import type { Architecture } from "../../core/artefacts.ts";
import { appHostVolume, nomadRegion, paths, ports, tlsFiles } from "../layout.ts";

/** What servers and clients share. HTTP is on loopback: programs ask the agent on their own machine. */
const agent = {
  region: nomadRegion,
  data_dir: paths.nomadData,
  addresses: { http: "127.0.0.1" },
  ports: { http: ports.nomadHttp, rpc: ports.nomadRpc, serf: ports.nomadSerf },
  tls: {
    http: true,
    rpc: true,
    ca_file: tlsFiles.ca,
    cert_file: tlsFiles.nomadCertificate,
    key_file: tlsFiles.nomadKey,
    verify_server_hostname: true,
    verify_https_client: true,
    tls_min_version: "tls12",
  },
  acl: { enabled: true },
  // A service that stops has not left: a reboot of everything must find the same quorum.
  leave_on_interrupt: false,
  leave_on_terminate: false,
  // Nomad runs without Consul: neither waits for the other, and nothing of Nomad is registered there.
  consul: { auto_advertise: false, server_auto_join: false, client_auto_join: false },
  ui: { enabled: false },
  disable_update_check: true,
} as const;

export function nomadServerSettings(props: { readonly serverCount: number }): object {
  return {
    ...agent,
    server: {
      enabled: true,
      bootstrap_expect: props.serverCount,
      // Elections in seconds.
      raft_multiplier: 1,
      // A client that was never seen must show a token for its pool; the leader's agent keeps one in each pool's secret.
      client_introduction: { enforcement: "strict", default_identity_ttl: "1h", max_identity_ttl: "24h" },
      node_gc_threshold: "24h",
      // Each compilation is a job of its own.
      job_gc_threshold: "1h",
      eval_gc_threshold: "1h",
      default_scheduler_config: {
        scheduler_algorithm: "spread",
        memory_oversubscription_enabled: false,
        // The app host, a system job, displaces batch work of lower priority where a machine is full.
        preemption_config: {
          system_scheduler_enabled: true,
          batch_scheduler_enabled: false,
          service_scheduler_enabled: false,
          sysbatch_scheduler_enabled: false,
        },
      },
    },
    autopilot: {
      cleanup_dead_servers: true,
      last_contact_threshold: "200ms",
      server_stabilization_time: "10s",
      // A dead server is forgotten only once its replacement votes, so cleaning up never shrinks the quorum.
      min_quorum: props.serverCount,
    },
  };
}

export function nomadClientSettings(props: { readonly pool: string; readonly arch: Architecture }): object {
  return {
    ...agent,
    client: {
      enabled: true,
      node_pool: props.pool,
      chroot_env: taskRoot(props.arch),
      host_volume: { [appHostVolume]: { path: paths.appHostData, read_only: true } },
      // Kept for Consul, Nomad, Traefik, the agent and the system, so that tasks cannot starve them. MiB.
      reserved: { memory: 768, disk: 1024 },
      // Machines on AWS are described by the bootstrap, elsewhere by nobody; asking each cloud's metadata service costs seconds.
      options: {
        "driver.allowlist": "exec",
        "fingerprint.denylist": "env_aws,env_gce,env_azure,env_digitalocean,vault,consul,cni",
      },
    },
    plugin: { raw_exec: { config: { enabled: false } } },
  };
}

const libraries = { amd64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" } as const satisfies Record<Architecture, string>;
const loaders = {
  amd64: ["ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2"],
  arm64: ["ld-linux-aarch64.so.1", "/lib/ld-linux-aarch64.so.1"],
} as const satisfies Record<Architecture, readonly [string, string]>;

/**
 * The root of a task: exactly what the app host and the compiler load (Nomad's default copies 456 MB, 20 s). The
 * paths on the left are Debian's.
 */
function taskRoot(arch: Architecture): Record<string, string> {
  const folder = `/usr/lib/${libraries[arch]}`;
  const [loader, loaderPath] = loaders[arch];
  const same = (path: string): [string, string] => [path, path];
  return Object.fromEntries([
    same(`${paths.bin}/app-host`),
    same(`${paths.bin}/app-compile`),
    same(`${folder}/libc.so.6`),
    same(`${folder}/libm.so.6`),
    same(`${folder}/libgcc_s.so.1`),
    [`${folder}/${loader}`, loaderPath],
    // Outbound requests: authorities and the machine's resolver. The resolver's own file, because Nomad would link
    // Debian's /etc/resolv.conf, a symbolic link, which leads nowhere inside the task's root.
    same("/etc/ssl/certs/ca-certificates.crt"),
    ["/run/systemd/resolve/stub-resolv.conf", "/etc/resolv.conf"],
  ]);
}
