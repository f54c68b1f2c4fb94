/** What is wrong with one value, in the words that every error of the project uses. */
export interface Problem {
  /** What is wrong, without the value: `is not a memory size`. */
  readonly wrong: string;
  /** The value as it was given. */
  readonly got: unknown;
  /** What is allowed, with units and range. */
  readonly expected: string;
  /** What to do next, as a command to the reader. */
  readonly todo: string;
}

/** `<what is wrong>, got <value>; expected <allowed>. <what to do>`, always one line. */
export function describeProblem({ wrong, got, expected, todo }: Problem): string {
  return `${wrong}, got ${show(got)}; expected ${expected}. ${todo}`;
}

const longestShown = 80;

/** A value as its author would write it, on one line, cut where it is long. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  // JSON has no words for these, and would say null or throw.
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  const text = JSON.stringify(value);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}...`;
}

/** `regions.eu-central-1.zones[0]`: how a reader finds the value in the file. */
export function showPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}
