import { expect, test } from "vitest";
import { parsePoolSecret, parseServerSecret } from "../../../agent/bootstrap/secret-documents.ts";
import { poolSecret } from "./support.ts";

test("reads a whole document and leaves out what does not belong", () => {
  const secret = poolSecret();
  expect(parsePoolSecret("p", JSON.stringify({ ...secret, caKey: "x" }))).toEqual(secret);
});

test("errors name keys, never values", () => {
  const { nomadKey: _key, ...rest } = poolSecret();
  expect(() => parsePoolSecret("sandbox/pool-web", JSON.stringify({ ...rest, consulToken: 7 }))).toThrow(
    /^sandbox\/pool-web: incomplete, got no nomadKey, consulToken; expected text in each\. Find out who wrote it$/,
  );
  expect(() => parseServerSecret("sandbox/servers", "hunter2 {")).toThrow(
    /^sandbox\/servers: not JSON, got 9 characters; expected a document\. Find out who wrote it$/,
  );
  expect(() => parseServerSecret("s", "null")).toThrow("s: incomplete, got no caCertificate, caKey,");
});
