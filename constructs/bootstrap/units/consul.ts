import { paths, users } from "../layout.ts";
import { alwaysRestart, noGeneratedCode, retryForEver, unprivileged } from "./hardening.ts";
import type { UnitFile } from "./unit-file.ts";

export const consulUnit: UnitFile = {
  Unit: {
    Description: "Consul agent",
    Documentation: "https://developer.hashicorp.com/consul/docs",
    Wants: "network-online.target edge-fleet-bootstrap.service",
    After: "network-online.target edge-fleet-bootstrap.service",
    ...retryForEver,
  },
  Service: {
    ...unprivileged,
    ...noGeneratedCode,
    // Not notify: Consul says that it is ready only after it has joined somebody, which the first server cannot.
    Type: "exec",
    ExecStart: `${paths.bin}/consul agent -config-dir=${paths.consulConfig}`,
    ExecReload: "/bin/kill --signal HUP $MAINPID",
    User: users.consul,
    Group: users.consul,
    StateDirectory: "consul",
    StateDirectoryMode: "0700",
    // Stopping is not leaving: `leave_on_terminate` is off, and the quorum outlives a reboot of everything.
    KillSignal: "SIGTERM",
    TimeoutStopSec: 20,
    ...alwaysRestart,
    LimitNOFILE: 65536,
    MemoryMax: "1G",
    OOMScoreAdjust: -500,
  },
  Install: { WantedBy: "multi-user.target" },
};
