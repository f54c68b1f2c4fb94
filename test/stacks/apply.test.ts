import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeInstanceAttributeCommand, DescribeInstancesCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket/index.js";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { images } from "../../config/locks/images.ts";
import { AppObject } from "../../constructs/aws/app-object.ts";
import { EndpointEgress } from "../../constructs/aws/endpoint-egress.ts";
import { MachineSecurityGroups } from "../../constructs/aws/machine-security-groups.ts";
import { Network } from "../../constructs/aws/network.ts";
import { NodePool } from "../../constructs/aws/node-pool.ts";
import { SecretContainer } from "../../constructs/aws/secret-container.ts";
import { ServerGroup } from "../../constructs/aws/server-group.ts";
import { ServiceKey } from "../../constructs/aws/service-key.ts";
import { enableWasmPlatform } from "../../constructs/platforms/enable-wasm-platform.ts";
import type { Emulator } from "../../sandbox/emulator/emulator.ts";
import { adoptedProps } from "../platforms/adopted.ts";
import { helloApp } from "../platforms/contract.ts";
import { clientSettings, startTestEmulator, testRegion } from "../support/emulator.ts";
import { TestTerraform } from "../support/terraform.ts";

const environment = "small";
const accountId = "000000000000";
const folder = mkdtempSync(join(tmpdir(), "edge-fleet-apply-"));

/** What the test changes between two applies. */
interface Change {
  readonly poolSize: number;
  readonly greeting: string;
}

/** A region without its load balancer and its bucket's life cycle, which only wait: everything else in one stack. */
function synthesiseSmall({ poolSize, greeting }: Change): void {
  const app = new App({ outdir: folder });
  const stack = new TerraformStack(app, "small");
  new LocalBackend(stack, { path: "small.tfstate" });
  const provider = new AwsProvider(stack, "aws", {
    region: testRegion,
    allowedAccountIds: [accountId],
    maxRetries: 2,
    s3UsePathStyle: true,
    defaultTags: [{ tags: { environment, "managed-by": "edge-fleet" } }],
  });
  const common = { provider, region: testRegion, accountId, environment, allowDestroy: true, name: environment };
  const key = new ServiceKey(stack, "key", { ...common, service: "ec2", description: "Volumes" });
  new SecretContainer(stack, "secret", { ...common, name: "small/servers", description: "Of servers", keyArn: key.arn });
  const bucket = new S3Bucket(stack, "bucket", { provider, bucket: "small-artefacts", forceDestroy: true });
  new AppObject(stack, "app", { provider, bucket: bucket.bucket, app: { ...helloApp, env: { GREETING: greeting } } });

  const network = new Network(stack, "network", {
    ...common,
    cidr: "10.40.0.0/16",
    zones: ["a", "b", "c"].map((zone) => `${testRegion}${zone}`),
  });
  const endpoints = new EndpointEgress(stack, "endpoints", { ...common, network, securityGroupName: "small-endpoints" });
  const groups = new MachineSecurityGroups(stack, "groups", {
    provider,
    vpcId: network.vpcId,
    s3PrefixListId: network.s3PrefixListId,
    names: { servers: "small-servers", clients: "small-clients", ingress: "small-ingress" },
    publicPort: 80,
    egress: { endpointsSecurityGroupId: endpoints.securityGroupId },
  });
  const machines = {
    ...common,
    artefactBucket: "small-artefacts",
    instanceType: "m7i.large",
    image: { arch: "amd64", id: images.sandbox?.[testRegion]?.amd64 } as const,
    diskGb: 20,
    volumeKeyArn: key.arn,
    subnetIds: network.zones.map(({ privateSubnetId }) => privateSubnetId),
    userData: `#cloud-config\n# ${greeting} \${not_a_template}\n`,
    tags: {},
    forceDelete: true,
    dependsOn: [],
  };
  new ServerGroup(stack, "servers", { ...machines, count: 3, pools: ["web"], securityGroupId: groups.ids.servers });
  new NodePool(stack, "web", { ...machines, pool: "web", size: poolSize, securityGroupId: groups.ids.clients });
  app.synth();
}

let emulator: Emulator;
let terraform: TestTerraform;
let ec2: EC2Client;
beforeAll(async () => {
  emulator = await startTestEmulator("apply");
  ec2 = new EC2Client(clientSettings(emulator));
  synthesiseSmall({ poolSize: 1, greeting: "one" });
  terraform = new TestTerraform(join(folder, "stacks", "small"), emulator);
  await terraform.init();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function runningMachines() {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: "tag:environment", Values: [environment] },
        { Name: "instance-state-name", Values: ["pending", "running"] },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId, PublicIpAddress, SubnetId, Tags = [] }) => ({
    id: InstanceId ?? "",
    public: PublicIpAddress,
    subnet: SubnetId,
    tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
  }));
}

const declaredGreeting = async (): Promise<unknown> => {
  const object = await new S3Client(clientSettings(emulator)).send(
    new GetObjectCommand({ Bucket: "small-artefacts", Key: "apps/hello/app.json" }),
  );
  return JSON.parse((await object.Body?.transformToString()) ?? "").env.GREETING;
};

describe("a small region on the emulator", () => {
  test("applies, and a second plan is empty", async () => {
    await terraform.apply();
    expect(await terraform.plan()).toMatchObject({ code: 0 });
    const machines = await runningMachines();
    expect(machines.map(({ tags }) => tags.pool ?? tags.role).sort()).toEqual(["server", "server", "server", "web"]);
    const servers = machines.filter(({ tags }) => tags.role === "server");
    expect(new Set(servers.map(({ subnet }) => subnet)).size).toBe(3);
    expect(machines.map((machine) => machine.public).filter((address) => address !== undefined)).toEqual([]);
    const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: servers[0]?.id, Attribute: "userData" }));
    expect(Buffer.from(UserData?.Value ?? "", "base64").toString()).toBe(`#cloud-config\n# one \${not_a_template}\n`);
    expect(await declaredGreeting()).toBe("one");
  }, 180_000);

  test("changes what has changed: one machine more, a new template, the app; then nothing again", async () => {
    const before = new Set((await runningMachines()).map(({ id }) => id));
    synthesiseSmall({ poolSize: 2, greeting: "two" });
    expect(await terraform.plan()).toMatchObject({ code: 2, output: expect.stringContaining("0 to add, 7 to change, 0 to destroy") });
    await terraform.apply();
    expect(await terraform.plan()).toMatchObject({ code: 0 });
    const machines = await runningMachines();
    const added = machines.filter(({ id }) => !before.has(id));
    expect(machines).toHaveLength(5);
    expect(added).toHaveLength(1);
    const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: added[0]?.id, Attribute: "userData" }));
    expect(Buffer.from(UserData?.Value ?? "", "base64").toString()).toBe(`#cloud-config\n# two \${not_a_template}\n`);
    expect(await declaredGreeting()).toBe("two");
  }, 180_000);

  test("a platform whose programs and image are missing says what to run, before anything is made", async () => {
    const unready = mkdtempSync(join(tmpdir(), "edge-fleet-unready-"));
    try {
      const app = new App({ outdir: unready });
      const stack = new TerraformStack(app, "unready");
      new LocalBackend(stack, { path: "unready.tfstate" });
      const provider = new AwsProvider(stack, "aws", { region: testRegion, maxRetries: 2, s3UsePathStyle: true });
      enableWasmPlatform(stack, {
        ...adoptedProps(provider),
        environment,
        artefactBucket: "small-artefacts",
        region: testRegion,
        accountId,
        images: {},
      });
      app.synth();
      const terraform = new TestTerraform(join(unready, "stacks", "unready"), emulator);
      await terraform.init();
      const { code, output } = await terraform.plan();
      const text = output.replace(/\s+/g, " ");
      expect(code).toBe(1);
      expect(text).toMatch(
        /got no object releases\/[0-9a-f]{16}\.json in small-artefacts; expected what machines are to fetch\. Run `fleet releases mirror small` first\./,
      );
      expect(text).toContain("got nothing for amd64; expected the id of a Debian 13 image. Run `fleet images update small`.");
    } finally {
      rmSync(unready, { recursive: true });
    }
  }, 60_000);

  test("is destroyed without a trace", async () => {
    await terraform.destroy();
    expect(await runningMachines()).toEqual([]);
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: "tag:environment", Values: [environment] }] }));
    expect(Vpcs).toEqual([]);
    await expect(declaredGreeting()).rejects.toMatchObject({ name: "NoSuchBucket" });
  }, 180_000);
});
