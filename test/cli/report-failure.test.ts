import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../cli/errors.ts";
import { stateFolders } from "../../cli/folders.ts";
import { createOutput } from "../../cli/output/output.ts";
import { reportFailure } from "../../cli/report-failure.ts";
import { temporaryFolder } from "./support/folders.ts";

function report(error: unknown) {
  const file = join(temporaryFolder(), "failure.log");
  let err = "";
  let out = "";
  const output = createOutput(true, { out: { write: (text) => (out += text) }, err: { write: () => {} } });
  const code = reportFailure(error, output, (text) => (err += text), file);
  return { code, err, result: JSON.parse(out) as Record<string, unknown>, file };
}

test("what a person can put right is told without a trace", () => {
  const { code, err, result, file } = report(new UserError("port 8080: taken, got haproxy; expected nobody", "Stop it"));
  expect(code).toBe(1);
  expect(err).toBe("\nport 8080: taken, got haproxy; expected nobody. Stop it.\n");
  expect(result).toEqual({ event: "result", failed: true, problem: "port 8080: taken, got haproxy; expected nobody", todo: "Stop it" });
  expect(existsSync(file)).toBe(false);
});

test("so is what another part says in the same form", () => {
  const { code, err } = report(new Error("sandbox: another one runs, got its state; expected one at a time. Stop it"));
  expect([code, err]).toEqual([1, "\nsandbox: another one runs, got its state; expected one at a time. Stop it\n"]);
});

test("keys that AWS refuses are no defect, whichever command met them first", () => {
  const refused = Object.assign(new Error("The security token included in the request is expired."), { name: "ExpiredToken" });
  const { code, err, file } = report(refused);
  expect([code, err]).toEqual([
    1,
    "\ncredentials: no use, got The security token included in the request is expired; expected some of the environment's account. Sign in (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.\n",
  ]);
  expect(existsSync(file)).toBe(false);
});

test("what nobody expected comes with its trace, its cause, and the file that holds it", () => {
  const { code, err, file } = report(new TypeError("x is undefined", { cause: new Error("the reason") }));
  expect(code).toBe(70);
  expect(err).toContain("TypeError: x is undefined");
  expect(err).toContain("Caused by: Error: the reason");
  expect(err).toContain(`its trace is in ${file}`);
  expect(readFileSync(file, "utf8")).toContain("report-failure.test.ts");
});

test("everything of an environment lies below the state root", () => {
  const { root, ...files } = stateFolders("sandbox", "/state");
  expect(root).toBe("/state");
  for (const file of Object.values(files)) expect(file.startsWith("/state/")).toBe(true);
});
