import { describeProblem } from "./problem.ts";

const durationUnits = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const sizeUnits = { MB: 1, GB: 1024, TB: 1024 * 1024 } as const;

type DurationUnit = keyof typeof durationUnits;
type SizeUnit = keyof typeof sizeUnits;

/** Whole number and unit, with or without the plural s: `"500 milliseconds"`, `"1 second"`, `"14 days"`. */
export type Duration = `${number} ${DurationUnit}` | `${number} ${DurationUnit}s`;

/** Whole number and unit: `"64 MB"`, `"20 GB"`. Powers of 1024, as EBS, Nomad and cgroups count. */
export type Size = `${number} ${SizeUnit}`;

export const durationForm = 'a whole number and milliseconds, seconds, minutes, hours or days, e.g. "30 seconds"';
export const sizeForm = 'a whole number and MB, GB or TB, e.g. "64 MB"';

// Eight digits keep every result an exact integer.
const durationPattern = /^(0|[1-9][0-9]{0,7}) (millisecond|second|minute|hour|day)s?$/;
const sizePattern = /^(0|[1-9][0-9]{0,7}) (MB|GB|TB)$/;

/** Milliseconds of a duration. Throws on anything else. */
export function parseDuration(text: string): number {
  const milliseconds = readDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new Error(
    `duration: ${describeProblem({ wrong: "is not a duration", got: text, expected: durationForm, todo: "Write number, space, unit" })}`,
  );
}

/** MiB of a size. Throws on anything else. */
export function parseSize(text: string): number {
  const mebibytes = readSize(text);
  if (mebibytes !== undefined) return mebibytes;
  throw new Error(`size: ${describeProblem({ wrong: "is not a size", got: text, expected: sizeForm, todo: "Write number, space, unit" })}`);
}

/** Milliseconds of a duration; undefined for anything else. */
export function readDuration(value: unknown): number | undefined {
  return read(value, durationPattern, (unit) => durationUnits[unit as DurationUnit]);
}

/** MiB of a size; undefined for anything else. */
export function readSize(value: unknown): number | undefined {
  return read(value, sizePattern, (unit) => sizeUnits[unit as SizeUnit]);
}

function read(value: unknown, pattern: RegExp, factor: (unit: string) => number): number | undefined {
  const match = typeof value === "string" ? pattern.exec(value) : null;
  const [, digits, unit] = match ?? [];
  return digits === undefined || unit === undefined ? undefined : Number(digits) * factor(unit);
}
