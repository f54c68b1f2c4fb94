import { createHash } from "node:crypto";

/** The part of Nomad's job document that our jobs use. Durations in nanoseconds, as the API has them. */
export interface NomadJob {
  readonly ID: string;
  readonly Name: string;
  readonly Type: "system" | "batch";
  readonly Datacenters: readonly string[];
  readonly NodePool: string;
  readonly Priority: number;
  readonly Meta: Readonly<Record<string, string>>;
  readonly Constraints?: readonly NomadConstraint[];
  readonly ParameterizedJob?: { readonly Payload: "required"; readonly MetaRequired: readonly string[] };
  readonly Update?: { readonly MaxParallel: number; readonly MinHealthyTime: number; readonly HealthyDeadline: number };
  readonly TaskGroups: readonly NomadTaskGroup[];
}

export interface NomadConstraint {
  readonly LTarget: string;
  readonly Operand: string;
  readonly RTarget: string;
}

export interface NomadTaskGroup {
  readonly Name: string;
  readonly Count?: number;
  readonly RestartPolicy: {
    readonly Attempts: number;
    readonly Interval: number;
    readonly Delay: number;
    /** `delay`: goes on trying for ever; `fail`: gives the allocation up. */
    readonly Mode: "delay" | "fail";
  };
  readonly ReschedulePolicy?: { readonly Attempts: number; readonly Unlimited: boolean };
  readonly Networks?: readonly {
    readonly Mode: "host";
    readonly ReservedPorts: readonly { readonly Label: string; readonly Value: number }[];
  }[];
  readonly Volumes?: Readonly<
    Record<string, { readonly Name: string; readonly Type: "host"; readonly Source: string; readonly ReadOnly: boolean }>
  >;
  readonly EphemeralDisk: { readonly SizeMB: number };
  readonly Tasks: readonly NomadTask[];
}

export interface NomadTask {
  readonly Name: string;
  readonly Driver: "exec";
  readonly User: string;
  readonly Config: { readonly command: string; readonly args: readonly string[] };
  readonly Env?: Readonly<Record<string, string>>;
  readonly Resources: { readonly CPU: number; readonly MemoryMB: number };
  readonly VolumeMounts?: readonly { readonly Volume: string; readonly Destination: string; readonly ReadOnly: boolean }[];
  readonly DispatchPayload?: { readonly File: string };
  readonly KillSignal?: string;
  readonly KillTimeout?: number;
  readonly LogConfig: { readonly MaxFiles: number; readonly MaxFileSizeMB: number };
}

export const seconds = (count: number): number => count * 1e9;

/** Key in a job's Meta under which the hash of its specification is kept. */
export const specHashKey = "edge-fleet-spec";

/** The job with the hash of everything else in its Meta: Nomad fills in defaults, so what it returns cannot be compared. */
export function withSpecHash(job: NomadJob): NomadJob {
  const hash = createHash("sha256").update(JSON.stringify(job)).digest("hex").slice(0, 16);
  return { ...job, Meta: { ...job.Meta, [specHashKey]: hash } };
}
