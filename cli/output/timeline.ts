/** Kinds of time that are told apart; everything else is `other`. */
export const partKinds = ["provider starts", "provider waits", "boot", "component build", "compile"] as const;
export type PartKind = (typeof partKinds)[number];

export interface Part {
  readonly kind: PartKind;
  readonly ms: number;
}

export interface TimelineEntry {
  readonly id: string;
  readonly title: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly parts: readonly Part[];
  /** Nothing could have ended sooner without this step ending sooner. */
  readonly critical: boolean;
}

export interface Timeline {
  readonly totalMs: number;
  /** In the order in which they began. */
  readonly entries: readonly TimelineEntry[];
}

interface Ended {
  readonly step: { readonly id: string; readonly title: string; readonly after: readonly string[] };
  readonly startMs: number;
  readonly endMs: number;
  readonly parts: readonly Part[];
}

export function timelineOf(ended: readonly Ended[]): Timeline {
  const critical = criticalPath(ended);
  const first = Math.min(...ended.map(({ startMs }) => startMs), Number.POSITIVE_INFINITY);
  const entries = [...ended]
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ step, startMs, endMs, parts }) => ({
      id: step.id,
      title: step.title,
      startMs: startMs - first,
      endMs: endMs - first,
      parts,
      critical: critical.has(step.id),
    }));
  return { totalMs: Math.max(0, ...entries.map(({ endMs }) => endMs)), entries };
}

/** From the step that ended last back through whichever predecessor ended last. */
function criticalPath(ended: readonly Ended[]): Set<string> {
  const path = new Set<string>();
  let at = latest(ended);
  while (at !== undefined) {
    path.add(at.step.id);
    const { after } = at.step;
    at = latest(ended.filter(({ step }) => after.includes(step.id)));
  }
  return path;
}

function latest(ended: readonly Ended[]): Ended | undefined {
  return ended.reduce<Ended | undefined>((last, one) => (last === undefined || one.endMs > last.endMs ? one : last), undefined);
}

/** One after the other, as one. */
export function joinTimelines(timelines: readonly Timeline[]): Timeline {
  const entries: TimelineEntry[] = [];
  let totalMs = 0;
  for (const timeline of timelines) {
    const offset = totalMs;
    entries.push(...timeline.entries.map((entry) => ({ ...entry, startMs: entry.startMs + offset, endMs: entry.endMs + offset })));
    totalMs += timeline.totalMs;
  }
  return { totalMs, entries };
}

/** Milliseconds of each kind on the critical path; `other` is what no part explains. */
export function criticalSums(timeline: Timeline): Record<PartKind | "other", number> {
  const sums = { "provider starts": 0, "provider waits": 0, boot: 0, "component build": 0, compile: 0, other: 0 };
  for (const { startMs, endMs, parts } of timeline.entries.filter(({ critical }) => critical)) {
    let explained = 0;
    for (const { kind, ms } of parts) {
      sums[kind] += ms;
      explained += ms;
    }
    sums.other += Math.max(0, endMs - startMs - explained);
  }
  return sums;
}

/** The time line for people: critical path first, then what ran beside it. */
export function timelineText(timeline: Timeline): string[] {
  const line = ({ title, startMs, endMs, parts }: TimelineEntry): string => {
    const named = parts.filter(({ ms }) => ms >= 50).map(({ kind, ms }) => `${kind} ${seconds(ms)}`);
    const what = named.length === 0 ? "" : `  (${named.join(", ")})`;
    return `  ${seconds(startMs).padStart(8)}  +${seconds(endMs - startMs).padEnd(8)} ${title}${what}`;
  };
  const on = timeline.entries.filter(({ critical }) => critical);
  const beside = timeline.entries.filter(({ critical }) => !critical);
  const sums = Object.entries(criticalSums(timeline)).map(([kind, ms]) => `${kind} ${seconds(ms)}`);
  return [
    `Time line, ${seconds(timeline.totalMs)} in all. On the critical path (begin, length):`,
    ...on.map(line),
    ...(beside.length === 0 ? [] : ["Beside it:", ...beside.map(line)]),
    `Sums on the critical path: ${sums.join(", ")}`,
  ];
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
