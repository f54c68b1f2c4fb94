import { expect, test } from "vitest";
import { failureReason } from "../../../agent/apps/failure-reason.ts";

test("the program's last words are the reason", () => {
  expect(failureReason("starting\napp-compile: component abc: not a component\n\n", ["Exit Code: 3"])).toBe(
    "app-compile: component abc: not a component",
  );
});
test("a kill for memory is said, whatever the program wrote before", () => {
  expect(failureReason("reading\n", ["Task started by client", "Exit Code: 137, Signal: 9", "Not restarting"])).toBe(
    "Exit Code: 137, Signal: 9: it needs more memory than a compile may use",
  );
});
test("without words the event that says most is taken", () => {
  expect(failureReason("", ["Building Task Directory", "Driver Failure: rpc error: failed to exec", "Alloc is gone"])).toBe(
    "Driver Failure: rpc error: failed to exec",
  );
  expect(failureReason("", [])).toBe("its job ended without a word");
});
test("signatures and control characters do not reach the index", () => {
  const reason = failureReason("PUT https://bucket.example/key?X-Amz-Signature=abc&x=\u001b[31mred: status 403", []);
  expect(reason).not.toContain("Signature");
  expect(reason).toContain("https://bucket.example/key");
  expect(reason).not.toMatch(/[^\x20-\x7e]/);
  expect(failureReason("x".repeat(5_000), [])).toHaveLength(300);
});
