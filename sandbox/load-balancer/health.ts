import type { LoadBalancer, TargetHealth, TargetState } from "./model.ts";
import { sectionName } from "./render.ts";

/** Health of all targets, from what HAProxy answers to `show stat`. */
export function targetHealth(statistics: string, balancers: readonly LoadBalancer[]): TargetHealth[] {
  const rows = parseStatistics(statistics);
  const groups = new Map(balancers.flatMap(({ listeners }) => listeners.map(({ targetGroup }) => [targetGroup.arn, targetGroup] as const)));
  return [...groups.values()].flatMap((group) =>
    group.targets.map(({ id, port }) => {
      const row = rows.find((each) => each.pxname === sectionName(group) && each.svname === `${id}:${port}`);
      return { targetGroup: group.arn, target: id, port, state: stateOf(row?.status, row?.check_status), description: describe(row) };
    }),
  );
}

type Row = Readonly<Record<string, string>>;

function parseStatistics(text: string): Row[] {
  const [head = "", ...lines] = text.split("\n").filter((line) => line !== "");
  const names = head.replace(/^# /, "").split(",");
  return lines.map((line) => {
    // Only the last columns are quoted, and no value that is read here has a comma.
    const values = line.split(",");
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
  });
}

/** HAProxy takes a server for up until a check fails; AWS says `initial` until one has passed. */
function stateOf(status: string | undefined, check: string | undefined): TargetState {
  if (status === undefined || check === undefined || check === "" || check === "INI") return "initial";
  return status.startsWith("UP") ? "healthy" : "unhealthy";
}

function describe(row: Row | undefined): string {
  if (row === undefined) return "not configured yet";
  return [row.status, row.check_status, row.check_code].filter((part) => part !== undefined && part !== "").join(" ");
}
