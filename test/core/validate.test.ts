import { expect, test } from "vitest";
import { PropsError, refuse } from "../../constructs/core/validate.ts";

test("throws nothing where there is no problem", () => {
  expect(() => refuse("stack/web", [])).not.toThrow();
});

test("names the construct and every problem", () => {
  const problems = [
    "size: is too small, got 0; expected 1 or more. Add a machine",
    "arch: is missing, got nothing; expected amd64. Set it",
  ];
  const thrown = (() => {
    try {
      refuse("stack/web", problems);
    } catch (error) {
      return error;
    }
    return undefined;
  })();
  expect(thrown).toBeInstanceOf(PropsError);
  expect(thrown).toMatchObject({
    name: "PropsError",
    construct: "stack/web",
    problems,
    message: `stack/web cannot be made:\n  ${problems[0]}\n  ${problems[1]}`,
  });
});
