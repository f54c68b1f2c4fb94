import { readFileSync } from "node:fs";
import { messageOf, UserError } from "../errors.ts";
import type { StateFolders } from "../folders.ts";
import { pause } from "../wait.ts";
import { LogReader, type RunTimes, type TerraformEvent, timesOf } from "./events.ts";
import { exitCode, isRunning, type Operation, type RunRecord, startRun } from "./run.ts";
import type { Stack } from "./stacks.ts";

export interface Changes {
  readonly add: number;
  readonly change: number;
  readonly remove: number;
}

export interface Outcome {
  /** 0 done, 1 failed, 2 a plan with changes; undefined when it was killed together with its session. */
  readonly code: number | undefined;
  readonly changes: Changes;
  readonly times: RunTimes;
  readonly events: readonly TerraformEvent[];
  readonly otherLines: readonly string[];
}

/** Follows a run, one of ours or of an earlier `fleet`, to its end. */
export async function followRun(record: RunRecord, onProgress: (text: string) => void): Promise<Outcome> {
  const log = new LogReader(record.logFile);
  const events: TerraformEvent[] = [];
  let total: number | undefined;
  let ended = 0;
  for (let last = false; !last; ) {
    last = !isRunning(record); // Asked first: what it wrote until then is read below.
    for (const event of log.next()) {
      events.push(event);
      if (event.type === "change_summary" && event.changes?.operation === "plan") {
        total = sum(event.changes);
        ended = 0; // Reading data before the plan counts as applying, too.
      }
      if (event.type === "apply_complete") ended += 1;
      const text = progressText(event, ended, total);
      if (text !== undefined) onProgress(text);
    }
    if (!last) await pause(200);
  }
  const summary = events.findLast(({ changes }) => changes !== undefined)?.changes;
  const startedMs = Date.parse(record.startedAt);
  const lastEvent = events.at(-1);
  return {
    code: exitCode(record),
    changes: summary ?? { add: 0, change: 0, remove: 0 },
    times: timesOf(events, startedMs, lastEvent === undefined ? startedMs : Date.parse(lastEvent["@timestamp"])),
    events,
    otherLines: log.otherLines,
  };
}

export interface Terraform {
  readonly path: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly folders: StateFolders;
  /** Told of each run that starts, so that Ctrl-C can reach it. */
  readonly onRun?: (record: RunRecord) => void;
}

/** Runs one operation to its end and returns what it did; a failure says what Terraform said. */
export async function runOperation(
  terraform: Terraform,
  stack: Stack,
  operation: Operation,
  args: readonly string[],
  onProgress: (text: string) => void,
): Promise<Outcome> {
  const record = startRun(terraform.folders, {
    stack,
    operation,
    program: terraform.path,
    args,
    // A larger heap target costs a quarter more memory and saves a quarter of the provider's time.
    variables: { GOGC: "400", ...terraform.variables, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
  });
  terraform.onRun?.(record);
  const outcome = await followRun(record, onProgress);
  const good = operation === "plan" ? [0, 2] : [0];
  if (outcome.code === undefined || !good.includes(outcome.code)) throw failureOf(stack, record, outcome);
  return outcome;
}

export function failureOf(stack: Stack, record: RunRecord, outcome: Outcome): UserError {
  if (outcome.code === undefined || outcome.code > 128) {
    return new UserError(
      `${stack.name}: \`terraform ${record.operation}\` was killed, got ${outcome.code === undefined ? "no exit code" : `signal ${outcome.code - 128}`}; expected its end`,
      "Run the same command again: it frees the state and looks for what the killed run left",
    );
  }
  const said = errorsIn(outcome.events);
  return new UserError(
    `${stack.name}: \`terraform ${record.operation}\` failed, got ${said.length > 0 ? said.join("; ") : lastLines(outcome, record)}`,
    `Put that right and run the same command again. Whole log: ${record.logFile}`,
  );
}

/** Terraform's error diagnostics, one text each. */
export function errorsIn(events: readonly TerraformEvent[]): string[] {
  return events.flatMap(({ diagnostic }) => {
    if (diagnostic?.severity !== "error") return [];
    const detail = diagnostic.detail === "" ? "" : `: ${diagnostic.detail.replace(/\s+/g, " ").trim()}`;
    return [`${diagnostic.address === undefined ? "" : `${diagnostic.address}: `}${diagnostic.summary}${detail}`];
  });
}

function lastLines(outcome: Outcome, record: RunRecord): string {
  if (outcome.otherLines.length > 0) return outcome.otherLines.slice(-20).join("\n");
  try {
    return readFileSync(record.coreLogFile, "utf8").trim().split("\n").slice(-3).join("\n");
  } catch (error) {
    return `exit code ${outcome.code} and no word (${messageOf(error)})`;
  }
}

function progressText(event: TerraformEvent, ended: number, total: number | undefined): string | undefined {
  switch (event.type) {
    case "apply_start":
    case "apply_complete":
      return `${ended}${total === undefined ? "" : ` of ${total}`}: ${event["@message"]}`;
    case "change_summary":
      return event["@message"];
    default:
      return undefined;
  }
}

function sum({ add, change, remove }: Changes): number {
  return add + change + remove;
}
