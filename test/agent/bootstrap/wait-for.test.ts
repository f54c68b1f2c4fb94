import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NotYet, waitFor } from "../../../agent/bootstrap/wait-for.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("looks often at first, later every two seconds, and logs a day's wait in a few lines", async () => {
  const lines: string[] = [];
  let looks = 0;
  const start = Date.now();
  const day = 86_400_000;
  const found = waitFor(
    { what: "value", log: (level, message) => void lines.push(`${level} ${message}`), signal: new AbortController().signal },
    async () => {
      looks += 1;
      if (Date.now() - start < day) throw new NotYet("no value");
      return "there";
    },
  );
  await vi.advanceTimersByTimeAsync(1400);
  expect(looks).toBe(4); // After 0, 200, 600 and 1,400 ms.
  await vi.advanceTimersByTimeAsync(day);
  expect(await found).toBe("there");
  expect(looks).toBeGreaterThan(43_000);
  expect(lines.length).toBeLessThan(20);
  expect(lines[0]).toBe("info value: waiting");
  expect(lines.at(-1)).toBe("info value: there");
});

test("logs each new reason at once, a failure as a warning", async () => {
  const lines: string[] = [];
  const reasons = ["no value", "no value", "ECONNREFUSED", "no value"];
  const log = (level: string, message: string, fields: object = {}) =>
    void lines.push(`${level} ${message} ${"reason" in fields ? fields.reason : ""}`);
  const found = waitFor({ what: "value", log, signal: new AbortController().signal }, async () => {
    const reason = reasons.shift();
    if (reason === undefined) return 1;
    throw reason === "no value" ? new NotYet(reason) : new Error(reason);
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await found).toBe(1);
  expect(lines).toEqual([
    "info value: waiting no value",
    "warn value: waiting ECONNREFUSED",
    "info value: waiting no value",
    "info value: there ",
  ]);
});

test("ends with the last reason when its signal aborts", async () => {
  const controller = new AbortController();
  const found = waitFor({ what: "value", log: () => undefined, signal: controller.signal }, async () =>
    Promise.reject(new Error("no answer")),
  );
  const refused = expect(found).rejects.toThrow(/^value: not there after 500 ms$/);
  await vi.advanceTimersByTimeAsync(500);
  controller.abort();
  await refused;
  await expect(found).rejects.toMatchObject({ cause: { message: "no answer" } });
});
