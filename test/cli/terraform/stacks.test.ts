import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placeOf, readStacks } from "../../../cli/terraform/stacks.ts";
import { temporaryFolder } from "../support/folders.ts";

interface Given {
  readonly name: string;
  readonly dependencies?: readonly string[];
  readonly annotations?: readonly object[];
  readonly local?: boolean;
}

function synthesised(stacks: readonly Given[]): string {
  const out = temporaryFolder();
  for (const { name, local } of stacks) {
    mkdirSync(join(out, "stacks", name), { recursive: true });
    const backend = local
      ? { local: { path: "../../states/x.tfstate" } }
      : { s3: { bucket: "states", key: `${name}.tfstate`, region: "us-east-1" } };
    writeFileSync(
      join(out, "stacks", name, "cdk.tf.json"),
      JSON.stringify({ terraform: { backend }, resource: { aws_vpc: { network: { cidr_block: "10.0.0.0/16" } } } }),
    );
  }
  const entries = stacks.map(({ name, dependencies = [], annotations = [] }) => [
    name,
    {
      name,
      constructPath: name,
      workingDirectory: `stacks/${name}`,
      synthesizedStackPath: `stacks/${name}/cdk.tf.json`,
      dependencies,
      annotations,
    },
  ]);
  writeFileSync(join(out, "manifest.json"), JSON.stringify({ version: "0.21.0", stacks: Object.fromEntries(entries) }));
  return out;
}

const regions = ["us-east-1"];

test("an environment's stacks are taken apart, dependencies first, others left out", () => {
  const out = synthesised([
    { name: "keep-sandbox-us-east-1" },
    { name: "other-base-us-east-1" },
    { name: "sandbox-apps-us-east-1", dependencies: ["sandbox-base-us-east-1"] },
    { name: "sandbox-base-us-east-1", local: true },
    { name: "sandboxed-base-us-east-1" },
  ]);
  const stacks = readStacks(out, "sandbox", regions);
  expect(stacks.map(({ name, kind, region }) => [name, kind, region])).toEqual([
    ["keep-sandbox-us-east-1", "keep", "us-east-1"],
    ["sandbox-base-us-east-1", "base", "us-east-1"],
    ["sandbox-apps-us-east-1", "apps", "us-east-1"],
  ]);
  expect(stacks[0]?.backend).toEqual({ kind: "s3", bucket: "states", key: "keep-sandbox-us-east-1.tfstate", region: "us-east-1" });
  expect(stacks[1]?.backend).toEqual({ kind: "local", path: join(out, "states/x.tfstate") });
  expect(Object.keys(stacks[1]?.resources ?? {})).toEqual(["aws_vpc.network"]);
});

test("what a construct found wrong stops here", () => {
  const annotations = [
    { level: "@cdktf/warn", message: "only a warning", constructPath: "a" },
    { level: "@cdktf/error", message: "two apps of one route", constructPath: "sandbox-apps-us-east-1/apps" },
  ];
  const out = synthesised([{ name: "sandbox-apps-us-east-1", annotations }]);
  expect(() => readStacks(out, "sandbox", regions)).toThrow(
    "sandbox-apps-us-east-1/apps: two apps of one route. Put it right in the declaration.",
  );
});

test.each([
  ["keep-prod-eu-central-1", { kind: "keep", region: "eu-central-1" }],
  ["prod-platform-eu-central-1", { kind: "platform", region: "eu-central-1" }],
  ["prod-edge", undefined],
  ["keep-prod", undefined],
  ["prod-platform-us-east-1", undefined],
])("%s", (name, place) => {
  expect(placeOf(name, "prod", ["eu-central-1"])).toEqual(place);
});
