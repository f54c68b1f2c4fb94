import { readdirSync, readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";

/** One process for good: a pid alone is given to others later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of `/proc/<pid>/stat`. */
  readonly startTime: string;
  /** `/proc/sys/kernel/random/boot_id`: pids and ticks begin anew with each boot. */
  readonly bootId: string;
  readonly host: string;
  readonly user: string;
}

interface ProcessStat {
  readonly state: string;
  readonly session: number;
  readonly startTime: string;
}

/** Linux only; on other systems no process of another `fleet` can be judged, so none counts as dead. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  return { pid, startTime: stat.startTime, bootId: bootId(), host: hostname(), user: userInfo().username };
}

export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname()) return true; // Not ours to judge.
  if (identity.bootId !== bootId()) return false;
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.startTime === identity.startTime && stat.state !== "Z";
}

/** Processes of the session that `leader` opened which carry `variable=value`; the leader itself may be gone. */
export function livingMembers(leader: ProcessIdentity, variable: string, value: string): number[] {
  if (leader.host !== hostname() || leader.bootId !== bootId()) return [];
  const members: number[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readStat(pid);
    if (stat === undefined || stat.session !== leader.pid || stat.state === "Z") continue;
    if (environmentOf(pid).includes(`${variable}=${value}`)) members.push(pid);
  }
  return members;
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    // The second field is the program's name in parentheses and may hold blanks and parentheses itself.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, session, startTime] = [fields[0], fields[3], fields[19]];
    if (state === undefined || session === undefined || startTime === undefined) return undefined;
    return { state, session: Number(session), startTime };
  } catch {
    return undefined;
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "unknown";
  }
}
