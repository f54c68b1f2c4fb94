import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDuration, parseSize, readDuration, readSize } from "../../config/units.ts";

const milliseconds = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const mebibytes = { MB: 1, GB: 1024, TB: 1_048_576 };
const amount = fc.integer({ min: 0, max: 99_999_999 });

describe("durations", () => {
  test.each([
    ["500 milliseconds", 500],
    ["1 second", 1000],
    ["30 seconds", 30_000],
    ["5 minutes", 300_000],
    ["2 hours", 7_200_000],
    ["14 days", 1_209_600_000],
  ])("%s are %i ms", (text, expected) => expect(parseDuration(text)).toBe(expected));

  test("every amount of every unit, singular or plural, is that many milliseconds", () => {
    const unit = fc.constantFrom(...Object.entries(milliseconds));
    fc.assert(
      fc.property(amount, unit, fc.constantFrom("", "s"), (count, [name, factor], plural) => {
        const result = parseDuration(`${count} ${name}${plural}`);
        expect(result).toBe(count * factor);
        expect(Number.isSafeInteger(result)).toBe(true);
      }),
    );
  });

  test("fails with its whole text", () => {
    expect(() => parseDuration("5m")).toThrow(
      new Error(
        'duration: is not a duration, got "5m"; expected a whole number and milliseconds, seconds, minutes, hours or days, e.g. "30 seconds". Write number, space, unit',
      ),
    );
  });
});

describe("sizes", () => {
  test.each([
    ["64 MB", 64],
    ["20 GB", 20_480],
    ["1 TB", 1_048_576],
  ])("%s are %i MiB", (text, expected) => expect(parseSize(text)).toBe(expected));

  test("every amount of every unit is that many MiB", () => {
    fc.assert(
      fc.property(amount, fc.constantFrom(...Object.entries(mebibytes)), (count, [unit, factor]) => {
        const result = parseSize(`${count} ${unit}`);
        expect(result).toBe(count * factor);
        expect(Number.isSafeInteger(result)).toBe(true);
      }),
    );
  });

  test("fails with its whole text", () => {
    expect(() => parseSize("64 MiB")).toThrow(
      new Error('size: is not a size, got "64 MiB"; expected a whole number and MB, GB or TB, e.g. "64 MB". Write number, space, unit'),
    );
  });
});

test.each([
  "",
  " ",
  "1",
  "second",
  "1second",
  "1  second",
  " 1 second",
  "1 second ",
  "1 second\n",
  "01 seconds",
  "-1 seconds",
  "+1 seconds",
  "1.5 seconds",
  "1e3 seconds",
  "1 Second",
  "1 secondss",
  "1_000 seconds",
  "100000000 seconds",
  "1 week",
  "0x1 MB",
  "1 mb",
  "1 KB",
  "1 GBs",
  "1.5 GB",
  "100000000 MB",
])("%j is neither", (text) => {
  expect(readDuration(text)).toBeUndefined();
  expect(readSize(text)).toBeUndefined();
});

test("no other text is read, whatever it is made of", () => {
  const words = fc.array(fc.constantFrom("1", "0", ".", "-", " ", "  ", "second", "s", "MB", "GB", "\n", "e"), { maxLength: 6 });
  const durationForm = /^(0|[1-9]\d*) (millisecond|second|minute|hour|day)s?$/;
  const sizeForm = /^(0|[1-9]\d*) (MB|GB|TB)$/;
  fc.assert(
    fc.property(
      fc.oneof(
        words.map((parts) => parts.join("")),
        fc.string(),
        fc.anything(),
      ),
      (value) => {
        expect(readDuration(value) === undefined).toBe(!(typeof value === "string" && durationForm.test(value)));
        expect(readSize(value) === undefined).toBe(!(typeof value === "string" && sizeForm.test(value)));
      },
    ),
  );
});
