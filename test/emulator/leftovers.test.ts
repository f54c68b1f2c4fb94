import { AutoScalingClient, CreateAutoScalingGroupCommand, DeleteAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  AllocateAddressCommand,
  CreateInternetGatewayCommand,
  CreateLaunchTemplateCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteInternetGatewayCommand,
  DeleteLaunchTemplateCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeTagsCommand,
  EC2Client,
  ReleaseAddressCommand,
  type ResourceType,
} from "@aws-sdk/client-ec2";
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  IAMClient,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { CreateAliasCommand, CreateKeyCommand, DeleteAliasCommand, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { beforeAll, describe, expect, it } from "vitest";
import { images } from "../../config/locks/images.ts";
import type { Emulator } from "../../sandbox/emulator/emulator.ts";
import { listLeftovers } from "../../sandbox/emulator/leftovers.ts";
import { clientSettings, startTestEmulator } from "../support/emulator.ts";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startTestEmulator("leftovers");
}, 120_000);

const leftovers = () =>
  listLeftovers({ endpoint: emulator.endpoint, credentials: emulator.deployer, region: "us-east-1", callsFile: emulator.callsFile });
const tag = (ResourceType: ResourceType) => [{ ResourceType, Tags: [{ Key: "stack", Value: "base" }] }];
const policy = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement });

/** What to do to take each thing away, last made first. */
const undo: (() => Promise<unknown>)[] = [];

async function makeNetwork() {
  const ec2 = new EC2Client(clientSettings(emulator));
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.30.0.0/16", TagSpecifications: tag("vpc") }))).Vpc?.VpcId ?? "";
  undo.unshift(() => ec2.send(new DeleteVpcCommand({ VpcId })));
  const SubnetId =
    (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.30.0.0/24", TagSpecifications: tag("subnet") }))).Subnet?.SubnetId ??
    "";
  undo.unshift(() => ec2.send(new DeleteSubnetCommand({ SubnetId })));
  const GroupId = (
    await ec2.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName: "nodes", Description: "nodes", TagSpecifications: tag("security-group") }),
    )
  ).GroupId;
  undo.unshift(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
  const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId, TagSpecifications: tag("route-table") }))).RouteTable
    ?.RouteTableId;
  undo.unshift(() => ec2.send(new DeleteRouteTableCommand({ RouteTableId })));
  const gateway = await ec2.send(new CreateInternetGatewayCommand({ TagSpecifications: tag("internet-gateway") }));
  undo.unshift(() => ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: gateway.InternetGateway?.InternetGatewayId })));
  const endpoint = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      ServiceName: "com.amazonaws.us-east-1.sts",
      VpcEndpointType: "Interface",
      SubnetIds: [SubnetId],
      TagSpecifications: tag("vpc-endpoint"),
    }),
  );
  undo.unshift(() => ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [endpoint.VpcEndpoint?.VpcEndpointId ?? ""] })));
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc", TagSpecifications: tag("elastic-ip") }));
  undo.unshift(() => ec2.send(new ReleaseAddressCommand({ AllocationId })));
  return { vpc: VpcId, subnet: SubnetId };
}

async function makeMachines({ vpc, subnet }: { vpc: string; subnet: string }): Promise<void> {
  const ec2 = new EC2Client(clientSettings(emulator));
  const LaunchTemplateData = {
    ImageId: images.sandbox?.["us-east-1"]?.amd64 ?? "",
    InstanceType: "m7i.large" as const,
    NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false, DeleteOnTermination: true }],
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 20, DeleteOnTermination: true } }],
  };
  await ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: "node", LaunchTemplateData, TagSpecifications: tag("launch-template") }),
  );
  undo.unshift(() => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: "node" })));
  const autoscaling = new AutoScalingClient(clientSettings(emulator));
  const group = { AutoScalingGroupName: "nodes", MinSize: 1, MaxSize: 1, VPCZoneIdentifier: subnet };
  await autoscaling.send(
    new CreateAutoScalingGroupCommand({ ...group, LaunchTemplate: { LaunchTemplateName: "node", Version: "$Latest" } }),
  );
  undo.unshift(() => autoscaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: "nodes", ForceDelete: true })));
  const balancing = new ElasticLoadBalancingV2Client(clientSettings(emulator));
  const target = await balancing.send(new CreateTargetGroupCommand({ Name: "web", Protocol: "TCP", Port: 80, VpcId: vpc }));
  undo.unshift(() => balancing.send(new DeleteTargetGroupCommand({ TargetGroupArn: target.TargetGroups?.[0]?.TargetGroupArn })));
  const balancer = await balancing.send(new CreateLoadBalancerCommand({ Name: "ingress", Type: "network", Subnets: [subnet] }));
  undo.unshift(() => balancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer.LoadBalancers?.[0]?.LoadBalancerArn })));
}

async function makeIdentities(): Promise<void> {
  const iam = new IAMClient(clientSettings(emulator));
  const RoleName = "servers";
  const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(trust) }));
  undo.unshift(() => iam.send(new DeleteRoleCommand({ RoleName })));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "servers" }));
  undo.unshift(() => iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: "servers" })));
  await iam.send(new AddRoleToInstanceProfileCommand({ RoleName, InstanceProfileName: "servers" }));
  undo.unshift(() => iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName: "servers" })));
  const PolicyDocument = policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "read", PolicyDocument }));
  undo.unshift(() => iam.send(new DeletePolicyCommand({ PolicyArn: Policy?.Arn })));
  await iam.send(new CreateUserCommand({ UserName: "somebody" }));
  undo.unshift(() => iam.send(new DeleteUserCommand({ UserName: "somebody" })));
}

async function makeData(): Promise<void> {
  const s3 = new S3Client(clientSettings(emulator));
  await s3.send(new CreateBucketCommand({ Bucket: "artefacts" }));
  undo.unshift(() => s3.send(new DeleteBucketCommand({ Bucket: "artefacts" })));
  const secrets = new SecretsManagerClient(clientSettings(emulator));
  await secrets.send(new CreateSecretCommand({ Name: "sandbox/servers" }));
  undo.unshift(() => secrets.send(new DeleteSecretCommand({ SecretId: "sandbox/servers", ForceDeleteWithoutRecovery: true })));
  const kms = new KMSClient(clientSettings(emulator));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: "artefacts" }));
  undo.unshift(() => kms.send(new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId, PendingWindowInDays: 7 })));
  await kms.send(new CreateAliasCommand({ AliasName: "alias/artefacts", TargetKeyId: KeyMetadata?.KeyId }));
  undo.unshift(() => kms.send(new DeleteAliasCommand({ AliasName: "alias/artefacts" })));
}

describe("leftovers", () => {
  it("are everything that was made, and nothing once it is taken away", { timeout: 60_000 }, async () => {
    expect(await leftovers()).toEqual([]);

    await makeMachines(await makeNetwork());
    await makeIdentities();
    await makeData();
    const id = "[0-9a-f-]+";
    expect((await leftovers()).map((line) => line.replace(new RegExp(`\\b([a-z]+-${id}|${id}(?= \\())`), "<id>")).sort()).toEqual([
      "autoscaling group nodes",
      "ec2 elastic ip <id>",
      "ec2 instance <id> (running)",
      "ec2 internet gateway <id>",
      "ec2 launch template node",
      "ec2 network acl <id>",
      "ec2 network interface <id> ()",
      "ec2 network interface <id> (Primary network interface)",
      "ec2 route table <id>",
      "ec2 route table <id>",
      "ec2 security group <id> (default)",
      "ec2 security group <id> (nodes)",
      "ec2 subnet <id>",
      // moto gives a machine a root volume of its own, besides the one that is mapped to the image's root device.
      "ec2 volume <id>",
      "ec2 volume <id>",
      "ec2 vpc <id>",
      "ec2 vpc endpoint <id> (com.amazonaws.us-east-1.sts)",
      "elasticloadbalancing load balancer ingress",
      "elasticloadbalancing target group web",
      "iam instance profile servers",
      "iam policy read",
      "iam role servers",
      "iam user somebody",
      "kms alias alias/artefacts",
      "kms key <id> (artefacts)",
      "s3 bucket artefacts",
      "secretsmanager secret sandbox/servers",
    ]);

    const ec2 = new EC2Client(clientSettings(emulator));
    const taggedTypes = async () => [
      ...new Set(
        (await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: "key", Values: ["stack"] }] }))).Tags?.map((one) => one.ResourceType),
      ),
    ];
    expect((await taggedTypes()).sort()).toEqual([
      "elastic-ip",
      "internet-gateway",
      "launch-template",
      "route-table",
      "security-group",
      "subnet",
      "vpc",
      "vpc-endpoint",
    ]);

    for (const takeAway of undo) await takeAway();
    expect(await leftovers()).toEqual([]);
    expect(await taggedTypes()).toEqual([]);
  });
});
