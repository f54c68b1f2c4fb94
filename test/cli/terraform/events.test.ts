import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LogReader, timesOf } from "../../../cli/terraform/events.ts";
import { errorsIn } from "../../../cli/terraform/operation.ts";
import { temporaryFolder } from "../support/folders.ts";

const start = Date.parse("2026-11-20T10:00:00.000Z");
const at = (ms: number): string => new Date(start + ms).toISOString();
const line = (type: string, ms: number, addr: string): string =>
  JSON.stringify({ type, "@timestamp": at(ms), "@message": `${addr}: ${type}`, hook: { resource: { addr } } });

test("a log is read on while it grows, whole lines only, and what is no event is kept apart", () => {
  const file = join(temporaryFolder(), "log");
  const reader = new LogReader(file);
  expect(reader.next()).toEqual([]);
  const text = `${line("apply_start", 0, "aws_vpc.größe")}\n`;
  const bytes = Buffer.from(text);
  const half = bytes.indexOf("ö".slice(0)) + 1; // Within a character.
  writeFileSync(file, bytes.subarray(0, half));
  expect(reader.next()).toEqual([]);
  appendFileSync(file, bytes.subarray(half));
  expect(reader.next().map((event) => event["@message"])).toEqual(["aws_vpc.größe: apply_start"]);
  appendFileSync(file, `panic: no\n${line("apply_complete", 5, "aws_vpc.größe")}\n`);
  expect(reader.next().map(({ type }) => type)).toEqual(["apply_complete"]);
  expect(reader.otherLines).toEqual(["panic: no"]);
});

test("provider waits are the time in which a resource is worked on; all else is provider starts", () => {
  const file = join(temporaryFolder(), "log");
  const lines = [
    line("apply_start", 4_000, "aws_vpc.a"),
    line("apply_complete", 5_000, "aws_vpc.a"),
    line("apply_start", 5_500, "aws_subnet.a"), // Two beside each other count once.
    line("apply_start", 6_000, "aws_subnet.b"),
    line("apply_complete", 15_500, "aws_subnet.a"),
    line("apply_errored", 16_000, "aws_subnet.b"),
    line("refresh_start", 17_000, "aws_vpc.a"),
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  const times = timesOf(new LogReader(file).next(), start, start + 20_000);
  expect(times).toEqual({
    providerWaitsMs: 11_500,
    providerStartsMs: 8_500,
    slowest: [
      { address: "aws_subnet.a", ms: 10_000 },
      { address: "aws_subnet.b", ms: 10_000 },
      { address: "aws_vpc.a", ms: 1_000 },
    ],
  });
});

test("errors are told with their address and on one line", () => {
  const file = join(temporaryFolder(), "log");
  const diagnostic = { severity: "error", summary: "creating VPC", detail: "limit\n  reached", address: "aws_vpc.a" };
  writeFileSync(file, `${JSON.stringify({ type: "diagnostic", "@timestamp": at(0), "@message": "Error", diagnostic })}\n`);
  expect(errorsIn(new LogReader(file).next())).toEqual(["aws_vpc.a: creating VPC: limit reached"]);
});
