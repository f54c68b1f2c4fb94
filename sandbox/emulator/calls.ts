import { existsSync, readFileSync } from "node:fs";

/** One permission that a call to the emulator needed, and whether the caller had it. */
export interface RecordedCall {
  /** Seconds since 1970. */
  readonly at: number;
  /** `user/deployer`, `user/region`, `role/<role name>`, or `anonymous`. */
  readonly principal: string;
  /** As the signature names it, e.g. `elasticloadbalancing`: the service whose endpoint was called. */
  readonly service: string;
  /** As policies name it, e.g. `s3:ListBucket`. A call may need several, also of other services (`kms:Decrypt`). */
  readonly action: string;
  /** ARN, or `*` where the action has none. */
  readonly resource: string;
  readonly region: string;
  readonly allowed: boolean;
  /** Why it was denied. */
  readonly reason?: string;
}

/** Every call since the emulator started, in order. Empty before the first one. */
export function readCalls(callsFile: string): RecordedCall[] {
  if (!existsSync(callsFile)) return [];
  const text = readFileSync(callsFile, "utf8");
  // A line may be under way.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as RecordedCall]));
}

/** Calls made with the roles of machines. */
export const machineCalls = (calls: readonly RecordedCall[]): RecordedCall[] =>
  calls.filter(({ principal }) => principal.startsWith("role/"));
