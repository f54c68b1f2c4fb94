import { type AutoScalingClient, paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling";
import {
  DescribeInstanceAttributeCommand,
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type Instance as Ec2Instance,
  paginateDescribeInstances,
} from "@aws-sdk/client-ec2";

/** What the emulator was told of one instance: enough to boot its machine and to answer its metadata requests. */
export interface Instance {
  readonly id: string;
  /** As EC2 names it: pending, running, stopping, stopped, shutting-down, terminated. */
  readonly state: string;
  /** Private IPv4 address. */
  readonly address: string;
  readonly hostname: string;
  readonly zone: string;
  readonly image: string;
  readonly type: string;
  readonly architecture: string;
  readonly macAddress: string;
  readonly subnet: string;
  readonly vpc: string;
  readonly account: string;
  /** Instance profile, where it was given at launch and not by a template. */
  readonly profile?: string;
  /** ISO 8601, UTC. */
  readonly launchedAt: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly group?: { readonly name: string; readonly lifecycleState: string };
}

/** What an instance was launched with; never changes in its life. */
export interface LaunchSettings {
  /** Name of its instance profile. */
  readonly profile?: string;
  /** As written, before base64. */
  readonly userData?: string;
}

const gone = new Set(["shutting-down", "terminated", "stopping", "stopped"]);

/** True while the instance should have a machine that runs. */
export function isWanted(instance: Instance): boolean {
  return !gone.has(instance.state);
}

/** All instances of the region that have an address; those that ended are listed for a while, as on EC2. */
export async function listInstances(ec2: EC2Client, autoscaling: AutoScalingClient): Promise<Instance[]> {
  const groups = new Map<string, { name: string; lifecycleState: string }>();
  for await (const page of paginateDescribeAutoScalingGroups({ client: autoscaling }, {})) {
    for (const group of page.AutoScalingGroups ?? []) {
      for (const { InstanceId, LifecycleState } of group.Instances ?? []) {
        if (InstanceId !== undefined)
          groups.set(InstanceId, { name: group.AutoScalingGroupName ?? "", lifecycleState: LifecycleState ?? "InService" });
      }
    }
  }
  const instances: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client: ec2 }, {})) {
    for (const reservation of page.Reservations ?? []) {
      for (const instance of reservation.Instances ?? []) {
        const known = toInstance(instance, reservation.OwnerId ?? "", groups.get(instance.InstanceId ?? ""));
        if (known !== undefined) instances.push(known);
      }
    }
  }
  return instances;
}

function toInstance(instance: Ec2Instance, owner: string, group: Instance["group"]): Instance | undefined {
  const id = instance.InstanceId;
  const address = instance.PrivateIpAddress;
  if (id === undefined || address === undefined) return undefined;
  const network = instance.NetworkInterfaces?.[0];
  const profile = nameOfArn(instance.IamInstanceProfile?.Arn);
  return {
    id,
    state: instance.State?.Name ?? "pending",
    address,
    hostname: `ip-${address.replaceAll(".", "-")}`,
    zone: instance.Placement?.AvailabilityZone ?? "",
    image: instance.ImageId ?? "",
    type: instance.InstanceType ?? "",
    architecture: instance.Architecture ?? "x86_64",
    macAddress: network?.MacAddress ?? "",
    subnet: instance.SubnetId ?? "",
    vpc: instance.VpcId ?? "",
    account: network?.OwnerId ?? owner,
    launchedAt: (instance.LaunchTime ?? new Date(0)).toISOString(),
    tags: Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
    ...(profile === undefined ? {} : { profile }),
    ...(group === undefined ? {} : { group }),
  };
}

/** Looks up what an instance was launched with: its launch template's version, or its own attributes. */
export async function launchSettings(ec2: EC2Client, instance: Instance): Promise<LaunchSettings> {
  const template = instance.tags["aws:ec2launchtemplate:id"];
  const version = instance.tags["aws:ec2launchtemplate:version"];
  if (template !== undefined && version !== undefined) {
    const { LaunchTemplateVersions } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template, Versions: [version] }),
    );
    const data = LaunchTemplateVersions?.[0]?.LaunchTemplateData;
    const profile = data?.IamInstanceProfile?.Name ?? nameOfArn(data?.IamInstanceProfile?.Arn);
    return settings(profile, data?.UserData);
  }
  const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: instance.id, Attribute: "userData" }));
  return settings(instance.profile, UserData?.Value);
}

function settings(profile: string | undefined, userData: string | undefined): LaunchSettings {
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(userData === undefined || userData === "" ? {} : { userData: Buffer.from(userData, "base64").toString("utf8") }),
  };
}

function nameOfArn(arn: string | undefined): string | undefined {
  return arn?.split("/").at(-1);
}
