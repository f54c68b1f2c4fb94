import { join } from "node:path";
import { appHostVolume, paths, ports, users } from "../../constructs/bootstrap/layout.ts";
import { type NomadJob, seconds, withSpecHash } from "../nomad/job.ts";
import { compileMemoryMb } from "./compile-job.ts";

const jobPrefix = "app-host-";
export const appHostJobId = (pool: string): string => `${jobPrefix}${pool}`;
export const appHostJobPrefix = jobPrefix;

/** Where the task sees the host volume. */
const folder = "/srv/app-host";

/** Least memory of an app host, in MiB: small test machines. */
const leastMemoryMb = 256;

/** Meta key with the job's memory limit, for the next decision about it. */
export const memoryKey = "edge-fleet-memory-mb";

/**
 * Memory limit of the app hosts of a pool, in MiB, for its smallest node: all but one compile's. A registered limit
 * that fits and gives away little stays: machines of one type differ by a few MiB, and a change restarts every host.
 */
export function appHostMemoryMb(smallestNodeMb: number, registeredMb?: number): number {
  const most = Math.max(leastMemoryMb, Math.floor((smallestNodeMb - compileMemoryMb) / 64) * 64);
  return registeredMb !== undefined && registeredMb <= most && registeredMb >= most * 0.9 ? registeredMb : most;
}

/** One app host on every node of a pool, under the pool's own job, so that pools change one at a time. */
export function appHostJob(pool: string, memoryMb: number): NomadJob {
  return withSpecHash({
    ID: appHostJobId(pool),
    Name: appHostJobId(pool),
    Type: "system",
    Datacenters: ["*"],
    NodePool: pool,
    Priority: 80,
    Meta: { [memoryKey]: String(memoryMb) },
    // One node at a time: the others answer meanwhile.
    Update: { MaxParallel: 1, MinHealthyTime: seconds(3), HealthyDeadline: seconds(120) },
    TaskGroups: [
      {
        Name: "app-host",
        // Nothing else can serve the node's apps, so it is started for ever.
        RestartPolicy: { Attempts: 5, Interval: seconds(60), Delay: seconds(1), Mode: "delay" },
        EphemeralDisk: { SizeMB: 128 },
        Networks: [
          {
            Mode: "host",
            ReservedPorts: [
              { Label: "http", Value: ports.appHost },
              { Label: "admin", Value: ports.appHostAdmin },
            ],
          },
        ],
        Volumes: { apps: { Name: "apps", Type: "host", Source: appHostVolume, ReadOnly: true } },
        Tasks: [
          {
            Name: "app-host",
            Driver: "exec",
            User: users.appHost,
            Config: {
              command: join(paths.bin, "app-host"),
              // All addresses of the machine: the node's agent asks on loopback, the ingress from outside; the
              // security group decides who may.
              args: ["--folder", folder, "--listen", `0.0.0.0:${ports.appHost}`, "--admin", `0.0.0.0:${ports.appHostAdmin}`],
            },
            Resources: { CPU: 500, MemoryMB: memoryMb },
            VolumeMounts: [{ Volume: "apps", Destination: folder, ReadOnly: true }],
            // Open requests end first; longer than the longest request may take.
            KillSignal: "SIGTERM",
            KillTimeout: seconds(30),
            LogConfig: { MaxFiles: 3, MaxFileSizeMB: 10 },
          },
        ],
      },
    ],
  });
}
