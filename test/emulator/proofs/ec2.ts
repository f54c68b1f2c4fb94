import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  AllocateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeTagsCommand,
  EC2Client,
  type ResourceType,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { images } from "../../../config/locks/images.ts";
import type { Emulator } from "../../../sandbox/emulator/emulator.ts";
import { clientSettings, uniqueName } from "../../support/emulator.ts";
import { type Proofs, status } from "./proof.ts";

const image = images.sandbox?.["us-east-1"]?.amd64;
const tagged = (ResourceType: ResourceType) => [{ ResourceType, Tags: [{ Key: "stack", Value: "base" }] }];

async function newTemplate(emulator: Emulator) {
  const ec2 = new EC2Client(clientSettings(emulator));
  const LaunchTemplateName = uniqueName("template");
  const UserData = Buffer.from("#cloud-config\n").toString("base64");
  const LaunchTemplateData = { ...(image === undefined ? {} : { ImageId: image }), InstanceType: "m7i.large", UserData } as const;
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName,
      LaunchTemplateData,
      TagSpecifications: [{ ResourceType: "launch-template", Tags: [{ Key: "stack", Value: "platform" }] }],
    }),
  );
  return { ec2, LaunchTemplateName, LaunchTemplateData };
}

async function newGroup(
  emulator: Emulator,
  LaunchTemplateName: string,
  policy?: { MinHealthyPercentage: number; MaxHealthyPercentage: number },
) {
  const autoscaling = new AutoScalingClient(clientSettings(emulator));
  const AutoScalingGroupName = uniqueName("group");
  await autoscaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      LaunchTemplate: { LaunchTemplateName, Version: "$Latest" },
      MinSize: 0,
      MaxSize: 2,
      DesiredCapacity: 0,
      AvailabilityZones: ["us-east-1a"],
      ...(policy === undefined ? {} : { InstanceMaintenancePolicy: policy }),
    }),
  );
  return { autoscaling, AutoScalingGroupName };
}

/** Fixes of EC2 and its autoscaling groups. */
export const ec2Proofs: Proofs = {
  ec2_tags: {
    "tags of a deleted thing": {
      observe: async (emulator) => {
        const ec2 = new EC2Client(clientSettings(emulator));
        const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16", TagSpecifications: tagged("vpc") }));
        await ec2.send(new DeleteVpcCommand({ VpcId: Vpc?.VpcId }));
        const Filters = [{ Name: "resource-id", Values: [Vpc?.VpcId ?? ""] }];
        return (await ec2.send(new DescribeTagsCommand({ Filters }))).Tags?.length;
      },
      stock: 1,
      fixed: 0,
    },
    "the type of an address": {
      observe: async (emulator) => {
        const ec2 = new EC2Client(clientSettings(emulator));
        const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc", TagSpecifications: tagged("elastic-ip") }));
        const Filters = [{ Name: "resource-id", Values: [AllocationId ?? ""] }];
        return (await ec2.send(new DescribeTagsCommand({ Filters }))).Tags?.[0]?.ResourceType;
      },
      stock: "vpc-elastic-ip",
      fixed: "elastic-ip",
    },
  },
  instance_maintenance_policy: {
    "a maintenance policy read back": {
      observe: async (emulator) => {
        const { LaunchTemplateName } = await newTemplate(emulator);
        const { autoscaling, AutoScalingGroupName } = await newGroup(emulator, LaunchTemplateName, {
          MinHealthyPercentage: 0,
          MaxHealthyPercentage: 100,
        });
        const { AutoScalingGroups } = await autoscaling.send(
          new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
        );
        return AutoScalingGroups?.[0]?.InstanceMaintenancePolicy;
      },
      stock: undefined,
      fixed: { MinHealthyPercentage: 0, MaxHealthyPercentage: 100 },
    },
  },
  instance_network_interface: {
    "the interface of a terminated machine": {
      observe: async (emulator) => {
        const ec2 = new EC2Client(clientSettings(emulator));
        const { Instances } = await ec2.send(
          new RunInstancesCommand({ ImageId: image, InstanceType: "m7i.large", MinCount: 1, MaxCount: 1 }),
        );
        const NetworkInterfaceId = Instances?.[0]?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "";
        await ec2.send(new TerminateInstancesCommand({ InstanceIds: [Instances?.[0]?.InstanceId ?? ""] }));
        const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
        return NetworkInterfaces?.some((one) => one.NetworkInterfaceId === NetworkInterfaceId);
      },
      stock: true,
      fixed: false,
    },
  },
  launch_template_tags: {
    "tags of what a template launches": {
      observe: async (emulator) => {
        const { ec2, LaunchTemplateName } = await newTemplate(emulator);
        const { LaunchTemplateVersions } = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName }));
        return LaunchTemplateVersions?.[0]?.LaunchTemplateData?.TagSpecifications?.map(({ ResourceType }) => ResourceType);
      },
      stock: ["launch-template"],
      fixed: undefined,
    },
  },
  launch_template_user_data: {
    "a machine from a template's second version": {
      observe: async (emulator) => {
        const { ec2, LaunchTemplateName, LaunchTemplateData } = await newTemplate(emulator);
        await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData }));
        const { autoscaling, AutoScalingGroupName } = await newGroup(emulator, LaunchTemplateName);
        return status(autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 1 })));
      },
      stock: 500,
      fixed: 200,
    },
  },
  security_group_rule_description: {
    "the description of a rule for another group": {
      observe: async (emulator) => {
        const ec2 = new EC2Client(clientSettings(emulator));
        const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: uniqueName("group"), Description: "test" }));
        const pair = { GroupId: GroupId ?? "", Description: "from its own members" };
        await ec2.send(
          new AuthorizeSecurityGroupIngressCommand({
            GroupId,
            IpPermissions: [{ IpProtocol: "tcp", FromPort: 80, ToPort: 80, UserIdGroupPairs: [pair] }],
          }),
        );
        const { SecurityGroupRules } = await ec2.send(
          new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: "group-id", Values: [GroupId ?? ""] }] }),
        );
        return SecurityGroupRules?.find(({ IsEgress }) => !IsEgress)?.Description;
      },
      stock: undefined,
      fixed: "from its own members",
    },
  },
  vpc_default_acl: {
    "the ACL of a deleted VPC": {
      observe: async (emulator) => {
        const ec2 = new EC2Client(clientSettings(emulator));
        const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" }));
        await ec2.send(new DeleteVpcCommand({ VpcId: Vpc?.VpcId }));
        return (await ec2.send(new DescribeNetworkAclsCommand({}))).NetworkAcls?.some(({ VpcId }) => VpcId === Vpc?.VpcId);
      },
      stock: true,
      fixed: false,
    },
  },
};
