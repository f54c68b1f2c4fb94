import { join } from "node:path";
import { paths } from "../../constructs/bootstrap/layout.ts";
import { type NomadJob, seconds, withSpecHash } from "../nomad/job.ts";

export const compileJobId = "compile";
export const compileTask = "compile";

/** Most memory of one compile, in MiB: the largest component tried needs 400, and one that needs more must not harm the node's apps. */
export const compileMemoryMb = 1024;

/** File in the task's `local/` with the payload: presigned URLs are no arguments, which every process could read. */
const requestFile = "compile.json";

/** What `app-compile` is told. */
export interface CompileRequest {
  /** URL of the component, for one GET. */
  readonly from: string;
  /** sha256 that the component must have. */
  readonly sha256: string;
  /** URL of the compiled form, for one PUT. */
  readonly to: string;
}

/**
 * Compiles one component per dispatch, on the nodes that run apps. Runs once: the leader decides about another try,
 * because it knows whether the component is still wanted and signs new URLs.
 */
export function compileJob(appPools: readonly string[]): NomadJob {
  return withSpecHash({
    ID: compileJobId,
    Name: compileJobId,
    Type: "batch",
    Datacenters: ["*"],
    NodePool: "all",
    Priority: 40,
    Meta: {},
    Constraints: [{ LTarget: `\${node.pool}`, Operand: "regexp", RTarget: `^(?:${[...appPools].sort().join("|")})$` }],
    ParameterizedJob: { Payload: "required", MetaRequired: ["component", "engine"] },
    TaskGroups: [
      {
        Name: "compile",
        Count: 1,
        RestartPolicy: { Attempts: 0, Interval: seconds(60), Delay: seconds(1), Mode: "fail" },
        ReschedulePolicy: { Attempts: 0, Unlimited: false },
        EphemeralDisk: { SizeMB: 512 },
        Tasks: [
          {
            Name: compileTask,
            Driver: "exec",
            User: "nobody",
            Config: { command: join(paths.bin, "app-compile"), args: ["--request", `\${NOMAD_TASK_DIR}/${requestFile}`] },
            Resources: { CPU: 200, MemoryMB: compileMemoryMb },
            DispatchPayload: { File: requestFile },
            LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 },
          },
        ],
      },
    ],
  });
}
