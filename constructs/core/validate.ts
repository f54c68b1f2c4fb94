/** Props that a construct refuses. All problems at once, each `<path>: <what is wrong>, got <value>; expected <allowed>. <what to do>`. */
export class PropsError extends Error {
  constructor(
    /** Path of the construct, as in the plan. */
    readonly construct: string,
    readonly problems: readonly string[],
  ) {
    super(`${construct} cannot be made:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "PropsError";
  }
}

/** Throws when there is a problem, naming every one. */
export function refuse(construct: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new PropsError(construct, problems);
}
