import { z } from "zod";
import { describeProblem, type Problem } from "./problem.ts";

/** What is wrong with a value, or undefined where it is right. The value itself is added by the field. */
export type Check = (value: unknown) => Omit<Problem, "got"> | undefined;

/** One setting with all its rules; `check` sees whatever the author wrote, and `undefined` where it is missing. */
export function field<T>(check: Check): z.ZodType<T, T> {
  return z.custom<T>().superRefine((value, context) => {
    const problem = check(value);
    if (problem !== undefined) context.addIssue({ code: "custom", message: sentence(problem, value) });
  });
}

/** A setting that has one rule. */
export function oneRule<T>(ok: (value: unknown) => boolean, problem: Omit<Problem, "got">): z.ZodType<T, T> {
  return field<T>((value) => (ok(value) ? undefined : problem));
}

/** A whole number of a range. */
export function wholeNumber(least: number, most: number, meaning: string): z.ZodType<number, number> {
  return oneRule<number>((value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most, {
    wrong: `is not ${meaning}`,
    expected: `a whole number from ${least} to ${most}`,
    todo: "Write a number of this range, without quotes",
  });
}

/** One of a few values. */
export function oneOf<const T extends string | number | boolean>(values: readonly T[], todo: string): z.ZodType<T, T> {
  return oneRule<T>((value) => values.some((allowed) => allowed === value), {
    wrong: "is not one of the choices",
    expected: values.map((value) => JSON.stringify(value)).join(" or "),
    todo,
  });
}

/** An object with exactly these keys. `problemsOf` makes whole sentences of what it says of unknown keys. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: ({ code, input }) =>
      code === "unrecognized_keys"
        ? keys.join(", ")
        : sentence(
            { wrong: "is not a group of settings", expected: `an object with ${keys.join(", ")}`, todo: "Write these settings in braces" },
            input,
          ),
  });
}

/** Several sections that are told apart by their `kind`. */
export function choice<const Options extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]]>(
  options: Options,
  kinds: string,
): z.ZodDiscriminatedUnion<Options, "kind"> {
  return z.discriminatedUnion("kind", options, {
    error: ({ code, input }) =>
      code === "invalid_union"
        ? sentence({ wrong: "is not a known kind", expected: kinds, todo: "Set one of these" }, (input as { kind?: unknown }).kind)
        : sentence(
            { wrong: "is not a group of settings", expected: `an object with a kind, ${kinds}`, todo: "Write its settings in braces" },
            input,
          ),
  });
}

/** A list of settings. */
export function list<Item extends z.ZodType>(item: Item, form: string): z.ZodArray<Item> {
  return z.array(item, { error: ({ input }) => sentence({ wrong: "is not a list", expected: form, todo: "Write it in brackets" }, input) });
}

/** An object whose keys are names that the author chose. */
export function named<Value extends z.ZodType>(value: Value, name: Check, form: string): z.ZodRecord<z.ZodString, Value> {
  const record = z.record(z.string(), value, {
    error: ({ input }) => sentence({ wrong: "is not a group of named settings", expected: form, todo: "Write it in braces" }, input),
  });
  // Names are checked beside the values and not as the record's key type, which would leave the values of a wrong name unread.
  return record.superRefine(
    (given, context) => {
      for (const key of Object.keys(given)) {
        const problem = name(key);
        if (problem !== undefined) context.addIssue({ code: "custom", path: [key], message: sentence(problem, key) });
      }
    },
    { when: ({ value: given }) => isObject(given) },
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function sentence(problem: Omit<Problem, "got">, got: unknown): string {
  return describeProblem({ ...problem, wrong: got === undefined ? "is missing" : problem.wrong, got });
}
