import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import type { TerraformStack } from "cdktf";
import { TerraformStack as Stack } from "cdktf";
import { describe, expect, test } from "vitest";
import { enableWasmPlatform } from "../../constructs/platforms/enable-wasm-platform.ts";
import { messageOf } from "../support/message-of.ts";
import { resourcesOf, type SynthesisedStack, synthesise, theResource } from "../support/synth.ts";
import { adoptedNetwork, adoptedProps } from "./adopted.ts";
import { describePlatform, helloApp } from "./contract.ts";

const theirAws = (stack: TerraformStack) => new AwsProvider(stack, "their-aws", { region: "eu-central-1" });
const appObjects = (stack: SynthesisedStack) =>
  Object.values(resourcesOf(stack, "aws_s3_object")).filter(({ key }) => String(key).startsWith("apps/"));

describePlatform({
  kind: "aws-nomad",
  make: (stack) => enableWasmPlatform(stack, adoptedProps(theirAws(stack))),
  declared: (stack) => appObjects(stack).map(({ content }) => JSON.parse(String(content))),
});

describe("in a stack of another project, with its network and its bucket", () => {
  const { theirs } = synthesise((app) => {
    const stack = new Stack(app, "theirs");
    const platform = enableWasmPlatform(stack, adoptedProps(theirAws(stack), { artefactBucket: "their-bucket", tags: { team: "edge" } }));
    platform.addApp("hello", helloApp);
  });
  if (theirs === undefined) throw new Error("no stack");

  test("takes the network as it is and makes none", () => {
    const types = Object.keys(theirs.resource);
    expect(types.filter((type) => /vpc|subnet|security_group|route|kms|secretsmanager|bucket/.test(type))).toEqual([]);
    expect(theResource(theirs, "aws_lb")).toMatchObject({ subnets: ["subnet-0p1", "subnet-0p2"], security_groups: ["sg-0ingress"] });
    expect(theResource(theirs, "aws_lb_target_group").vpc_id).toBe("vpc-0adopted");
    const zones = Object.values(resourcesOf(theirs, "aws_autoscaling_group")).map((group) => [group.name, group.vpc_zone_identifier]);
    expect(Object.fromEntries(zones)).toEqual({
      "example-eu-central-1-server-0": ["subnet-0a1"],
      "example-eu-central-1-server-1": ["subnet-0a2"],
      "example-eu-central-1-server-2": ["subnet-0a1"],
      "example-eu-central-1-pool-web": ["subnet-0a1", "subnet-0a2"],
      "example-eu-central-1-pool-batch": ["subnet-0a1", "subnet-0a2"],
    });
  });

  test("uses the caller's provider for everything, and their bucket, group, key and images", () => {
    for (const blocks of [theirs.resource, theirs.data])
      for (const byId of Object.values(blocks)) for (const block of Object.values(byId)) expect(block.provider).toBe("aws");
    for (const object of Object.values(resourcesOf(theirs, "aws_s3_object"))) expect(object.bucket).toBe("their-bucket");
    const template = (kind: string) => theResource(theirs, "aws_launch_template", `wasm-platform_${kind}_`);
    expect(template("servers")).toMatchObject({ image_id: "ami-0arm64", network_interfaces: [{ security_groups: ["sg-0servers"] }] });
    expect(template("pool-batch")).toMatchObject({ image_id: "ami-0amd64", network_interfaces: [{ security_groups: ["sg-0clients"] }] });
    for (const { block_device_mappings } of Object.values(resourcesOf(theirs, "aws_launch_template")))
      expect(block_device_mappings).toMatchObject([{ ebs: { kms_key_id: adoptedNetwork.volumeKeyArn } }]);
    for (const { policy } of Object.values(resourcesOf(theirs, "aws_iam_role_policy")))
      expect(
        String(policy)
          .match(/arn:aws:s3:::[a-z-]+/g)
          ?.every((arn) => arn === "arn:aws:s3:::their-bucket"),
      ).toBe(true);
  });

  test("gives machines the caller's tags besides its own", () => {
    for (const { tag } of Object.values(resourcesOf(theirs, "aws_autoscaling_group")))
      expect(tag).toContainEqual({ key: "team", value: "edge", propagate_at_launch: true });
    for (const { tag_specifications } of Object.values(resourcesOf(theirs, "aws_launch_template")))
      expect(tag_specifications).toMatchObject([{ resource_type: "volume", tags: { team: "edge", environment: "example" } }]);
  });

  test("only pools with ingress stand behind the load balancer", () => {
    const targets = Object.values(resourcesOf(theirs, "aws_autoscaling_group")).filter(
      ({ target_group_arns }) => target_group_arns !== undefined,
    );
    expect(targets.map(({ name }) => name)).toEqual(["example-eu-central-1-pool-web"]);
  });
});

describe("props that no environment file has checked", () => {
  test("every problem is said at once", () => {
    let text = "";
    synthesise((app) => {
      const stack = new Stack(app, "theirs");
      const props = adoptedProps(theirAws(stack), {
        environment: "Our-Env",
        network: { ...adoptedNetwork, publicSubnetIds: [] },
        servers: { count: 4, instanceType: "t4g.medium", arch: "arm64", diskGb: 20 },
        pools: { batch: { size: 1, instanceType: "m7i.large", arch: "amd64", diskGb: 50, ingress: false } },
      });
      text = messageOf(() => enableWasmPlatform(stack, props));
    });
    expect(text).toBe(
      [
        "theirs/wasm-platform cannot be made:",
        '  environment: is not an environment\'s name, got "Our-Env"; expected a lower-case letter, then 1 to 15 lower-case letters or digits. Rename it; it is part of every name',
        "  servers.count: does not make a quorum, got 4; expected 3 or 5. 3 servers survive the loss of one, 5 of two",
        '  pools: has no ingress, got ["batch"]; expected at least one pool with ingress: true. Say which pool stands behind the load balancer',
        "  network.publicSubnetIds: is empty, got []; expected a subnet per zone. Name the subnets of the VPC",
      ].join("\n"),
    );
  });

  test("pools that run apps have one processor", () => {
    let text = "";
    synthesise((app) => {
      const stack = new Stack(app, "theirs");
      const props = adoptedProps(theirAws(stack));
      const batch = { size: 1, instanceType: "m7i.large", arch: "amd64", diskGb: 50, ingress: false, domain: "jobs.example.com" } as const;
      text = messageOf(() => enableWasmPlatform(stack, { ...props, pools: { ...props.pools, batch } }));
    });
    expect(text).toBe(
      [
        "theirs/wasm-platform cannot be made:",
        '  pools.batch.arch: differs from pool web, which runs apps as well, got "amd64"; expected "arm64". Take one processor for all pools with a domain; their compiled apps are the same files',
      ].join("\n"),
    );
  });
});
