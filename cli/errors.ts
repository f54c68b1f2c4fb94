/** What a person can put right: printed without a stack trace, with what to do next. Anything else is a defect of ours. */
export class UserError extends Error {
  override readonly name = "UserError";

  constructor(
    /** `<what>: <what is wrong>, got <value>; expected <allowed>`, without a full stop. */
    readonly problem: string,
    /** One or more commands or steps, without a full stop. */
    readonly todo: string,
    options?: ErrorOptions,
  ) {
    super(`${problem}. ${todo}.`, options);
  }
}

/** Several problems found at once, one line each. */
export class UserErrors extends UserError {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"), "");
    this.message = problems.join("\n");
  }
}

/** An error's text for a person, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
