import { CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateLaunchTemplateCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  type ResourceType,
} from "@aws-sdk/client-ec2";
import { CreateListenerCommand, CreateLoadBalancerCommand, CreateTargetGroupCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateAliasCommand, CreateKeyCommand } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutBucketTaggingCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { type AwsClients, awsClients } from "../../../cli/aws.ts";
import { deleteOrphans, findOrphans, importErrors, orphanKinds } from "../../../cli/terraform/orphans/orphans.ts";
import type { Stack } from "../../../cli/terraform/stacks.ts";
import type { StateResource } from "../../../cli/terraform/state-file.ts";
import { emulatedImages } from "../../../sandbox/emulator/images.ts";
import { programEnvironment, startTestEmulator, testRegion, uniqueName } from "../../support/emulator.ts";

const region = testRegion;
const accountTags = { environment: "sandbox", stack: "platform", region, "managed-by": "edge-fleet" };
const Tags = Object.entries(accountTags).map(([Key, Value]) => ({ Key, Value }));
const tagged = (ResourceType: ResourceType) => ({ TagSpecifications: [{ ResourceType, Tags }] });

/** A stack that declares every type we can find, one of each with a name where it has one. */
function stackWith(names: Readonly<Record<string, string>>): Stack {
  const types = orphanKinds.flatMap(({ types: some }) => some);
  return {
    name: `sandbox-platform-${region}`,
    kind: "platform",
    region,
    folder: "/nowhere",
    configHash: "hash",
    dependencies: [],
    backend: { kind: "local", path: "/nowhere/state" },
    resources: Object.fromEntries(
      types.map((type) => [`${type}.one`, type === "aws_s3_bucket" ? { bucket: names[type] } : { name: names[type] }]),
    ),
  };
}

const given = (value: string | undefined): string => {
  if (value === undefined) throw new Error("the emulator gave no id");
  return value;
};

/** One of each type, hanging on one another as in our stacks, with the default tags where AWS takes tags. */
async function makeOneOfEach({ ec2, autoScaling, loadBalancing, iam, kms, s3, secrets }: AwsClients, name: string): Promise<void> {
  const vpc = given((await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16", ...tagged("vpc") }))).Vpc?.VpcId);
  const subnet = given(
    (await ec2.send(new CreateSubnetCommand({ VpcId: vpc, CidrBlock: "10.77.0.0/24", ...tagged("subnet") }))).Subnet?.SubnetId,
  );
  const gateway = (await ec2.send(new CreateInternetGatewayCommand(tagged("internet-gateway")))).InternetGateway?.InternetGatewayId;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpc, InternetGatewayId: gateway }));
  const table = (await ec2.send(new CreateRouteTableCommand({ VpcId: vpc, ...tagged("route-table") }))).RouteTable?.RouteTableId;
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId: subnet }));
  await ec2.send(new CreateRouteCommand({ RouteTableId: table, DestinationCidrBlock: "0.0.0.0/0", GatewayId: gateway }));
  const address = (await ec2.send(new AllocateAddressCommand({ Domain: "vpc", ...tagged("elastic-ip") }))).AllocationId;
  await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnet, AllocationId: address, ...tagged("natgateway") }));
  await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId: vpc,
      VpcEndpointType: "Gateway",
      ServiceName: `com.amazonaws.${region}.s3`,
      RouteTableIds: [given(table)],
      ...tagged("vpc-endpoint"),
    }),
  );
  const group = (
    await ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: name, VpcId: vpc, ...tagged("security-group") }))
  ).GroupId;
  const rule = (port: number) => ({
    GroupId: group,
    IpPermissions: [{ IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges: [{ CidrIp: "10.0.0.0/8" }] }],
    ...tagged("security-group-rule"),
  });
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule(80)));
  await ec2.send(new AuthorizeSecurityGroupEgressCommand(rule(443)));

  const [image] = emulatedImages();
  const template = (
    await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: name,
        LaunchTemplateData: { ImageId: given(image?.ami_id), InstanceType: "m7i.large" },
        ...tagged("launch-template"),
      }),
    )
  ).LaunchTemplate?.LaunchTemplateId;
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      MinSize: 1,
      MaxSize: 1,
      VPCZoneIdentifier: subnet,
      LaunchTemplate: { LaunchTemplateId: template, Version: "$Latest" },
      Tags: Tags.map((tag) => ({ ...tag, ResourceId: name, ResourceType: "auto-scaling-group", PropagateAtLaunch: true })),
    }),
  );
  const balancer = (await loadBalancing.send(new CreateLoadBalancerCommand({ Name: name, Type: "network", Subnets: [subnet], Tags })))
    .LoadBalancers?.[0]?.LoadBalancerArn;
  const targets = (await loadBalancing.send(new CreateTargetGroupCommand({ Name: name, Protocol: "TCP", Port: 8000, VpcId: vpc, Tags })))
    .TargetGroups?.[0]?.TargetGroupArn;
  await loadBalancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer,
      Protocol: "TCP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn: targets }],
      Tags,
    }),
  );

  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust, Tags }));
  const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] };
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "own", PolicyDocument: JSON.stringify(policy) }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name, Tags }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));

  const keyTags = Tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));
  const key = (await kms.send(new CreateKeyCommand({ Tags: keyTags }))).KeyMetadata?.KeyId;
  await kms.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: key }));
  await secrets.send(new CreateSecretCommand({ Name: `sandbox/${name}`, Tags }));
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  await s3.send(new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet: Tags } }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: "Enabled" } }));
  for (const Body of ["one", "two"]) await s3.send(new PutObjectCommand({ Bucket: name, Key: "object", Body }));
}

async function ownClients(): Promise<AwsClients> {
  return awsClients(programEnvironment(await startTestEmulator("orphans")), region);
}

test("one of each type is found by tags or name, and deleted in an order that AWS takes", async () => {
  const clients = await ownClients();
  const name = uniqueName("sandbox-orphan");
  await makeOneOfEach(clients, name);
  const stack = stackWith({ aws_kms_alias: `alias/${name}` });
  const found = await findOrphans(clients, "sandbox", stack, []);
  expect(found.map(({ type }) => type).sort()).toEqual(orphanKinds.flatMap(({ types }) => types).sort());

  // What the state holds is no orphan, another stack's things are not ours, and what is not declared is not looked for.
  const state: StateResource[] = found.map(({ type, id, known }) => ({
    type,
    address: `${type}.one`,
    attributes: stateOf(type, known?.[0] ?? id),
  }));
  expect(await findOrphans(clients, "sandbox", stack, state)).toEqual([]);
  expect(await findOrphans(clients, "sandbox", { ...stack, kind: "base", resources: withoutNames(stack) }, [])).toEqual([]);
  expect(await findOrphans(clients, "other", { ...stack, resources: withoutNames(stack) }, [])).toEqual([]);
  expect(await findOrphans(clients, "sandbox", { ...stack, resources: {} }, [])).toEqual([]);

  await deleteOrphans(clients, found, () => {});
  expect(await findOrphans(clients, "sandbox", stack, [])).toEqual([]);
});

test("a real account is told one import line for each", () => {
  const stack = {
    ...stackWith({ aws_iam_role: "sandbox-role" }),
    resources: {
      "aws_iam_role.servers_A1": { name: "sandbox-role" },
      "aws_iam_role.pool_B2": { name: "other" },
      "aws_vpc.network_C3": {},
      "aws_subnet.a": {},
      "aws_subnet.b": {},
    },
  };
  const state = [{ type: "aws_subnet", address: "aws_subnet.a", attributes: {} }];
  const orphans = [
    { type: "aws_iam_role", id: "sandbox-role", name: "sandbox-role" },
    { type: "aws_vpc", id: "vpc-1" },
    { type: "aws_subnet", id: "subnet-1" },
    { type: "aws_eip", id: "eipalloc-1" },
  ];
  expect(importErrors(stack, state, orphans).message.split("\n")).toEqual([
    `sandbox-platform-${region}: a killed run left 4 things that the state lacks; expected none. Take each into the state (or delete it), then run this command again:`,
    `  terraform -chdir=cdktf.out/stacks/sandbox-platform-${region} import 'aws_iam_role.servers_A1' 'sandbox-role'`,
    `  terraform -chdir=cdktf.out/stacks/sandbox-platform-${region} import 'aws_vpc.network_C3' 'vpc-1'`,
    `  terraform -chdir=cdktf.out/stacks/sandbox-platform-${region} import 'aws_subnet.b' 'subnet-1'`,
    `  terraform -chdir=cdktf.out/stacks/sandbox-platform-${region} import '<no declaration: delete it>' 'eipalloc-1'`,
  ]);
});

function stateOf(type: string, id: string): Record<string, unknown> {
  if (type !== "aws_route") return { id };
  const [table, destination] = id.split("_");
  return { id: "r-1", route_table_id: table, destination_cidr_block: destination };
}

function withoutNames(stack: Stack): Stack["resources"] {
  return Object.fromEntries(Object.keys(stack.resources).map((address) => [address, {}]));
}
