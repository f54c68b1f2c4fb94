import type { UnitSection } from "./unit-file.ts";

/**
 * What every network service that needs no root gets: it sees a read-only system, no devices, no home folders, no
 * other users' processes, and has no capability. Units add what they write to (`StateDirectory`, `ReadWritePaths`).
 */
export const unprivileged = {
  NoNewPrivileges: true,
  CapabilityBoundingSet: "",
  AmbientCapabilities: "",
  ProtectSystem: "strict",
  ProtectHome: true,
  ProtectProc: "invisible",
  ProtectClock: true,
  ProtectHostname: true,
  ProtectControlGroups: true,
  ProtectKernelLogs: true,
  ProtectKernelModules: true,
  ProtectKernelTunables: true,
  PrivateDevices: true,
  PrivateTmp: true,
  RemoveIPC: true,
  RestrictNamespaces: true,
  RestrictRealtime: true,
  RestrictSUIDSGID: true,
  LockPersonality: true,
  // Netlink: Go's and Node's lists of network interfaces.
  RestrictAddressFamilies: "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  SystemCallArchitectures: "native",
  SystemCallFilter: ["@system-service", "~@privileged @resources"],
  SystemCallErrorNumber: "EPERM",
  UMask: "0077",
} as const satisfies UnitSection;

/** Programs without a just-in-time compiler never need memory that is writable and executable. */
export const noGeneratedCode = { MemoryDenyWriteExecute: true } as const satisfies UnitSection;

/** A service that must always run: tried again for ever, a second apart. Goes into [Service]; `retryForEver` into [Unit]. */
export const alwaysRestart = { Restart: "always", RestartSec: 1 } as const satisfies UnitSection;
export const retryForEver = { StartLimitIntervalSec: 0 } as const satisfies UnitSection;
