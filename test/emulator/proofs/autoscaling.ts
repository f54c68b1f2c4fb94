import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { images } from "../../../config/locks/images.ts";
import type { Emulator } from "../../../sandbox/emulator/emulator.ts";
import { clientSettings, uniqueName } from "../../support/emulator.ts";
import type { Proofs } from "./proof.ts";

/** A group of two instances behind a target group, and a look at both. */
async function groupBehindTargets(emulator: Emulator) {
  const settings = clientSettings(emulator);
  const [ec2, autoscaling, balancers] = [
    new EC2Client(settings),
    new AutoScalingClient(settings),
    new ElasticLoadBalancingV2Client(settings),
  ];
  const name = uniqueName("targets");
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.3.0.0/16" }));
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: "10.3.0.0/24" }));
  const image = images.sandbox?.["us-east-1"]?.amd64;
  const data = { ...(image === undefined ? {} : { ImageId: image }), InstanceType: "m7i.large" } as const;
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData: data }));
  const group = { Name: name, Protocol: "TCP", Port: 80, VpcId: Vpc?.VpcId, TargetType: "instance" } as const;
  const TargetGroupArn = (await balancers.send(new CreateTargetGroupCommand(group))).TargetGroups?.[0]?.TargetGroupArn ?? "";
  await autoscaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateName: name, Version: "$Latest" },
      MinSize: 0,
      MaxSize: 2,
      DesiredCapacity: 2,
      VPCZoneIdentifier: Subnet?.SubnetId,
      TargetGroupARNs: [TargetGroupArn],
    }),
  );
  const members = async () =>
    (
      (await autoscaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }))).AutoScalingGroups?.[0]?.Instances ??
      []
    )
      .map(({ InstanceId }) => InstanceId ?? "")
      .sort();
  const targets = async () =>
    ((await balancers.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions ?? [])
      .map(({ Target }) => Target?.Id ?? "")
      .sort();
  return { name, ec2, autoscaling, members, targets };
}

/** Fixes of autoscaling groups and what stands behind them. */
export const autoscalingProofs: Proofs = {
  target_group_members: {
    "a replacement becomes a target": {
      observe: async (emulator) => {
        const { ec2, members, targets } = await groupBehindTargets(emulator);
        const [victim = ""] = await members();
        await ec2.send(new TerminateInstancesCommand({ InstanceIds: [victim] }));
        const now = await members();
        return { replaced: now.length === 2 && !now.includes(victim), targets: (await targets()).length };
      },
      stock: { replaced: true, targets: 1 },
      fixed: { replaced: true, targets: 2 },
    },
    "scaling in takes the target away": {
      observe: async (emulator) => {
        const { name, autoscaling, members, targets } = await groupBehindTargets(emulator);
        await autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 1 }));
        return { members: (await members()).length, targets: (await targets()).length };
      },
      stock: { members: 1, targets: 2 },
      fixed: { members: 1, targets: 1 },
    },
  },
};
