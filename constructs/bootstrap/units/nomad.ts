import { paths, users } from "../layout.ts";
import { alwaysRestart, noGeneratedCode, retryForEver, unprivileged } from "./hardening.ts";
import type { UnitFile, UnitSection } from "./unit-file.ts";

const unit = {
  Documentation: "https://developer.hashicorp.com/nomad/docs",
  Wants: "network-online.target edge-fleet-bootstrap.service",
  After: "network-online.target edge-fleet-bootstrap.service",
  ...retryForEver,
} as const satisfies UnitSection;

const service = {
  Type: "notify",
  // Ready includes the first contact with its peers, which may take as long as they need.
  TimeoutStartSec: "infinity",
  ExecStart: `${paths.bin}/nomad agent -config=${paths.nomadConfig}`,
  ExecReload: "/bin/kill --signal HUP $MAINPID",
  StateDirectory: "nomad",
  StateDirectoryMode: "0700",
  KillSignal: "SIGTERM",
  TimeoutStopSec: 30,
  ...alwaysRestart,
} as const satisfies UnitSection;

/** A server runs no tasks, so it needs no root. */
export const nomadServerUnit: UnitFile = {
  Unit: { Description: "Nomad server", ...unit },
  Service: {
    ...unprivileged,
    ...noGeneratedCode,
    ...service,
    User: users.nomad,
    Group: users.nomad,
    LimitNOFILE: 65536,
    MemoryMax: "2G",
    OOMScoreAdjust: -500,
  },
  Install: { WantedBy: "multi-user.target" },
};

/**
 * A client starts tasks in their own roots, cgroups and users, so it runs as root and sees the machine's mounts:
 * whatever would give it a mount namespace of its own would also take the tasks' mounts away when it restarts. What
 * is left is what neither it nor a task needs.
 */
export const nomadClientUnit: UnitFile = {
  Unit: { Description: "Nomad client", ...unit },
  Service: {
    ...service,
    NoNewPrivileges: true,
    LockPersonality: true,
    RestrictRealtime: true,
    SystemCallArchitectures: "native",
    // Tasks' roots are made with it, and their users must be able to enter them.
    UMask: "0022",
    // Tasks go on while their client restarts.
    KillMode: "process",
    Delegate: true,
    LimitNOFILE: 1048576,
    LimitNPROC: "infinity",
    TasksMax: "infinity",
    // Tasks have cgroups and limits of their own outside the unit; this bounds the client and its executors.
    MemoryMax: "2G",
    OOMPolicy: "continue",
    OOMScoreAdjust: -500,
  },
  Install: { WantedBy: "multi-user.target" },
};
