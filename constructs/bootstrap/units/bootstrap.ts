import { bootFiles, paths, users } from "../layout.ts";
import { retryForEver, unprivileged } from "./hardening.ts";
import type { UnitFile, UnitSection } from "./unit-file.ts";

export const agentCommand = (command: "bootstrap" | "run"): string => `${paths.bin}/node ${paths.currentBundle}/agent/agent.cjs ${command}`;

/** Root, because it gives each program's user its own key; of root's powers it keeps only those over files. */
const service = {
  ...unprivileged,
  ExecStart: agentCommand("bootstrap"),
  Environment: [`PATH=${paths.bin}:/usr/sbin:/usr/bin:/sbin:/bin`],
  CapabilityBoundingSet: "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER",
  // chown is in @privileged; everything else there stays denied by the capabilities.
  SystemCallFilter: ["@system-service"],
  // The authority's key and what is issued with it pass through this tmpfs, never through a disk.
  RuntimeDirectory: "edge-fleet-bootstrap",
  RuntimeDirectoryMode: "0700",
  ReadWritePaths: [paths.consulConfig, paths.nomadConfig, paths.tls, paths.tokens, paths.nomadData, "/var/lib/edge-fleet"],
  MemoryMax: "512M",
  LimitCORE: 0,
} as const satisfies UnitSection;

/** Everything a machine learns at boot, before Consul and Nomad start. */
export const bootstrapUnit: UnitFile = {
  Unit: {
    Description: "Edge Fleet: fetch this machine's secrets and write the settings known only at boot",
    Wants: "network-online.target",
    After: "network-online.target",
    Before: "consul.service nomad.service edge-fleet-agent.service",
    ...retryForEver,
  },
  Service: {
    ...service,
    Type: "oneshot",
    RemainAfterExit: true,
    // A client waits here until its pool's secret has a value, however long the servers take.
    TimeoutStartSec: "infinity",
    Restart: "on-failure",
    RestartSec: 2,
    // Consul and Nomad go on waiting while it is tried again.
    RestartMode: "direct",
  },
  Install: { WantedBy: "multi-user.target" },
};

/** The same program again: renews certificates, tokens and the list of servers, and has Consul and Nomad take them up. */
export const refreshUnit: UnitFile = {
  Unit: {
    Description: "Edge Fleet: renew this machine's certificates, tokens and list of servers",
    Wants: "network-online.target",
    After: "network-online.target edge-fleet-bootstrap.service",
  },
  Service: { ...service, Type: "oneshot", TimeoutStartSec: "10min", RuntimeDirectory: "edge-fleet-refresh" },
};

/** Six hours: a pool's certificates live three days and are issued anew each day. */
export const refreshTimer: UnitFile = {
  Unit: { Description: "Edge Fleet: renew this machine's certificates, tokens and list of servers" },
  Timer: { OnActiveSec: "6h", OnUnitActiveSec: "6h", RandomizedDelaySec: "30min" },
  Install: { WantedBy: "timers.target" },
};

/** Servers that were rebuilt know none of the tokens they gave out before: the agent, without root's powers, asks here for new ones. */
export const rejoinPath: UnitFile = {
  Unit: { Description: "Edge Fleet: join again with new credentials" },
  Path: { PathExists: bootFiles.rejoin, Unit: "edge-fleet-refresh.service" },
  Install: { WantedBy: "multi-user.target" },
};

export const agentUnit: UnitFile = {
  Unit: {
    Description: "Edge Fleet agent",
    Wants: "edge-fleet-bootstrap.service",
    After: "edge-fleet-bootstrap.service",
    ...retryForEver,
  },
  Service: {
    ...unprivileged,
    ExecStart: agentCommand("run"),
    User: users.agent,
    Group: users.agent,
    Environment: [`PATH=${paths.bin}:/usr/sbin:/usr/bin:/sbin:/bin`],
    StateDirectory: "edge-fleet/agent edge-fleet/app-host edge-fleet/ingress",
    // App host and Traefik, other users, read what it writes; none of it is secret.
    StateDirectoryMode: "0755",
    UMask: "0022",
    Restart: "always",
    RestartSec: 1,
    TimeoutStopSec: 20,
    MemoryMax: "512M",
    OOMScoreAdjust: -400,
  },
  Install: { WantedBy: "multi-user.target" },
};
