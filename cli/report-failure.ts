import { UserError } from "./errors.ts";
import { stateFolders, writeWhole } from "./folders.ts";
import type { Output } from "./output/output.ts";

/** Names under which the SDK and AWS say that there are no keys, or none that count. */
const refusedKeys: ReadonlySet<string> = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "AuthFailure",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidToken",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);

/** Tells a person what went wrong and what to do; returns the exit code. */
export function reportFailure(
  error: unknown,
  output: Output,
  write: (text: string) => void = (text) => process.stderr.write(text),
  file: string = stateFolders("any").failure,
): number {
  if (error instanceof UserError) {
    write(`\n${error.message}\n`);
    output.result({ failed: true, problem: error.problem, todo: error.todo });
    return 1;
  }
  // Other parts throw plain errors in the same form: they say what is wrong and what to do, so no trace helps.
  if (error instanceof Error && /: .*\bgot\b.*; expected /s.test(error.message)) {
    write(`\n${error.message}\n`);
    output.result({ failed: true, problem: error.message, todo: "" });
    return 1;
  }
  if (error instanceof Error && refusedKeys.has(error.name)) {
    const problem = `credentials: no use, got ${error.message.replace(/\.$/, "")}; expected some of the environment's account`;
    return reportFailure(
      new UserError(problem, "Sign in (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
      output,
      write,
      file,
    );
  }
  const trace = error instanceof Error ? traceOf(error) : String(error);
  write(
    `\n${trace}\n\nThis is a defect of fleet, or something it does not know yet${savedAt(file, trace)}. Running the same command again is safe.\n`,
  );
  output.result({ failed: true, problem: error instanceof Error ? error.message : String(error), trace });
  return 70;
}

function traceOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${traceOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

function savedAt(file: string, trace: string): string {
  try {
    writeWhole(file, `${new Date().toISOString()} fleet ${process.argv.slice(2).join(" ")}\n${trace}\n`);
    return `; its trace is in ${file}`;
  } catch {
    return "";
  }
}
