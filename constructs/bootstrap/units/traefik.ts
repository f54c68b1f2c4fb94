import { paths, users } from "../layout.ts";
import { alwaysRestart, noGeneratedCode, retryForEver, unprivileged } from "./hardening.ts";
import type { UnitFile } from "./unit-file.ts";

/** Starts without the cluster: it serves the last good document, or answers 404 to everything but its health check. */
export const traefikUnit: UnitFile = {
  Unit: {
    Description: "Traefik ingress",
    Documentation: "https://doc.traefik.io/traefik",
    Wants: "network-online.target",
    After: "network-online.target",
    ...retryForEver,
  },
  Service: {
    ...unprivileged,
    ...noGeneratedCode,
    Type: "notify",
    ExecStart: `${paths.bin}/traefik --configfile=${paths.traefikConfig}/traefik.yml`,
    User: users.traefik,
    Group: users.traefik,
    // Go gives memory back before the limit is reached.
    Environment: ["GOMEMLIMIT=900MiB"],
    KillSignal: "SIGTERM",
    // Longer than the grace time for open requests in its settings.
    TimeoutStopSec: 30,
    ...alwaysRestart,
    LimitNOFILE: 1048576,
    TasksMax: 4096,
    MemoryMax: "1G",
    OOMScoreAdjust: -500,
  },
  Install: { WantedBy: "multi-user.target" },
};
