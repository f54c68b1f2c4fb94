import { bootScripts } from "../layout.ts";
import { retryForEver } from "./hardening.ts";
import type { UnitFile } from "./unit-file.ts";

/** In the user data. A unit and not a command of cloud-init, which would never try again after a crash or a network outage. */
export const installUnit: UnitFile = {
  Unit: {
    Description: "Edge Fleet: fetch and install the node bundle",
    Wants: "network-online.target",
    After: "network-online.target",
    ConditionPathExists: `!${bootScripts.installed}`,
    ...retryForEver,
  },
  Service: {
    Type: "oneshot",
    ExecStart: [bootScripts.fetchBundle, `/usr/bin/touch ${bootScripts.installed}`],
    TimeoutStartSec: "15min",
    Restart: "on-failure",
    RestartSec: 5,
  },
  Install: { WantedBy: "multi-user.target" },
};
