import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";

/** What Terraform says with `-json`, as far as we read it. */
const eventSchema = z.object({
  type: z.string(),
  "@timestamp": z.string(),
  "@message": z.string(),
  hook: z.object({ resource: z.object({ addr: z.string() }).optional() }).optional(),
  changes: z
    .object({ add: z.number(), change: z.number(), remove: z.number(), import: z.number().default(0), operation: z.string() })
    .optional(),
  diagnostic: z
    .object({ severity: z.string(), summary: z.string(), detail: z.string().default(""), address: z.string().optional() })
    .optional(),
});
export type TerraformEvent = z.output<typeof eventSchema>;

/** Reads a growing log: each call returns what was added since the last one, whole lines only. */
export class LogReader {
  #position = 0;
  #rest = "";
  readonly #decoder = new StringDecoder("utf8");
  /** Lines that are no events: a crash, a message of the shell. */
  readonly otherLines: string[] = [];

  constructor(readonly file: string) {}

  next(): TerraformEvent[] {
    const lines = `${this.#rest}${this.#readOn()}`.split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => {
      if (line.trim() === "") return [];
      const event = parse(line);
      if (event === undefined) this.otherLines.push(line);
      return event === undefined ? [] : [event];
    });
  }

  #readOn(): string {
    if (!existsSync(this.file)) return "";
    const handle = openSync(this.file, "r");
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(handle).size - this.#position));
      const read = readSync(handle, bytes, 0, bytes.length, this.#position);
      this.#position += read;
      return this.#decoder.write(bytes.subarray(0, read));
    } finally {
      closeSync(handle);
    }
  }
}

function parse(line: string): TerraformEvent | undefined {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Where a run's seconds went. */
export interface RunTimes {
  /** Starting Terraform and its providers, planning: everything while no resource is being worked on. */
  readonly providerStartsMs: number;
  /** At least one resource is being created, changed or deleted: API calls and the provider's own timers. */
  readonly providerWaitsMs: number;
  /** The longest ones, longest first. */
  readonly slowest: readonly { readonly address: string; readonly ms: number }[];
}

/** `startedMs` and `endedMs`: of the whole process, milliseconds of the epoch. */
export function timesOf(events: readonly TerraformEvent[], startedMs: number, endedMs: number): RunTimes {
  const open = new Map<string, number>();
  const spans: { address: string; from: number; to: number }[] = [];
  for (const event of events) {
    const address = event.hook?.resource?.addr;
    if (address === undefined) continue;
    const at = Date.parse(event["@timestamp"]);
    if (event.type === "apply_start") open.set(address, at);
    const from = open.get(address);
    if ((event.type === "apply_complete" || event.type === "apply_errored") && from !== undefined) {
      spans.push({ address, from, to: at });
      open.delete(address);
    }
  }
  const providerWaitsMs = covered(spans);
  const slowest = spans.map(({ address, from, to }) => ({ address, ms: to - from })).sort((a, b) => b.ms - a.ms);
  return { providerStartsMs: Math.max(0, endedMs - startedMs - providerWaitsMs), providerWaitsMs, slowest: slowest.slice(0, 3) };
}

/** Length of the union of intervals. */
function covered(spans: readonly { from: number; to: number }[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (to <= reached) continue;
    total += to - Math.max(from, reached);
    reached = to;
  }
  return total;
}
