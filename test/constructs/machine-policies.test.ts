import { describe, expect, test } from "vitest";
import { machineApis } from "../../constructs/aws/machine-apis.ts";
import { type PolicyStatement, poolPolicy, serverPolicy } from "../../constructs/aws/machine-policies.ts";

const props = { environment: "example", region: "eu-central-1", accountId: "111122223333", artefactBucket: "bucket" };
const servers = serverPolicy({ ...props, pools: ["web", "batch"] });
const web = poolPolicy({ ...props, pool: "web" });

/** action -> resources. */
const grants = (statements: readonly PolicyStatement[]): Record<string, string[]> => {
  const all: Record<string, string[]> = {};
  for (const { Action, Resource } of statements) for (const action of Action) all[action] = [...(all[action] ?? []), ...Resource].sort();
  return all;
};
const s3 = (...keys: string[]): string[] => keys.map((key) => `arn:aws:s3:::bucket${key}`).sort();
const secret = (...names: string[]): string[] =>
  names.map((name) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:example/${name}-??????`).sort();

describe("what machines may do", () => {
  test("servers: this and nothing else", () => {
    expect(grants(servers)).toEqual({
      "s3:ListBucket": s3(""),
      "s3:GetObject": s3("/bundles/*", "/releases/*", "/apps/*", "/components/*", "/compiled/*"),
      "s3:PutObject": s3("/apps/index.json", "/status.json", "/compiled/*"),
      "secretsmanager:GetSecretValue": secret("servers", "pool-web", "pool-batch"),
      "secretsmanager:PutSecretValue": secret("servers", "pool-web", "pool-batch"),
      "ec2:DescribeInstances": ["*"],
    });
  });

  test("machines of a pool: this and nothing else", () => {
    expect(grants(web)).toEqual({
      "s3:GetObject": s3("/bundles/*", "/releases/*", "/apps/index.json", "/apps/*/app.json", "/compiled/*"),
      "secretsmanager:GetSecretValue": secret("pool-web"),
      "ec2:DescribeInstances": ["*"],
    });
  });

  test("no action has a wildcard, and only what knows no resources is allowed on all of them", () => {
    for (const { Action, Resource, Sid } of [...servers, ...web]) {
      for (const action of Action) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
      if (Resource.includes("*")) expect([Sid, Action, Resource]).toEqual(["FindServers", ["ec2:DescribeInstances"], ["*"]]);
    }
  });

  test("each API has an endpoint in the list, and each endpoint has somebody who may use it", () => {
    const allowed = new Set([...servers, ...web].flatMap(({ Action }) => Action.map((action) => action.split(":")[0])));
    expect([...allowed].sort()).toEqual(machineApis.map(({ service }) => service).sort());
  });

  test("in China's and the government's partitions the same, under their names", () => {
    for (const [region, partition] of [
      ["cn-north-1", "aws-cn"],
      ["us-gov-west-1", "aws-us-gov"],
    ] as const)
      for (const { Resource } of serverPolicy({ ...props, region, pools: [] }))
        for (const resource of Resource) if (resource !== "*") expect(resource.startsWith(`arn:${partition}:`)).toBe(true);
  });
});
