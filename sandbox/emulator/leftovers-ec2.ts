import {
  DescribeAddressesCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeFlowLogsCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeKeyPairsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";

/** What a fresh account has in EC2: one default VPC with its subnets, default security group, main route table and ACL. */
export async function listNetworkAndMachines(ec2: EC2Client): Promise<string[]> {
  const vpcs = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs ?? [];
  const defaultVpcs = new Set(vpcs.flatMap(({ VpcId, IsDefault }) => (IsDefault && VpcId !== undefined ? [VpcId] : [])));
  const isForeign = (vpc: string | undefined): boolean => !defaultVpcs.has(vpc ?? "");
  const found = await Promise.all([network(ec2, isForeign), gateways(ec2), machines(ec2)]);
  return [
    ...lines(
      "ec2 vpc",
      vpcs.filter(({ IsDefault }) => !IsDefault),
      (one) => one.VpcId,
    ),
    ...found.flat(),
  ];
}

async function network(ec2: EC2Client, isForeign: (vpc: string | undefined) => boolean): Promise<string[]> {
  const [subnets, groups, tables, acls, prefixes] = await Promise.all([
    ec2.send(new DescribeSubnetsCommand({})),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    ec2.send(new DescribeRouteTablesCommand({})),
    ec2.send(new DescribeNetworkAclsCommand({})),
    ec2.send(new DescribeManagedPrefixListsCommand({})),
  ]);
  const isMain = ({ Associations }: { Associations?: { Main?: boolean | undefined }[] | undefined }): boolean =>
    Associations?.some(({ Main }) => Main) ?? false;
  return [
    ...lines(
      "ec2 subnet",
      subnets.Subnets?.filter((one) => !one.DefaultForAz || isForeign(one.VpcId)),
      (one) => one.SubnetId,
    ),
    ...lines(
      "ec2 security group",
      groups.SecurityGroups?.filter((one) => one.GroupName !== "default" || isForeign(one.VpcId)),
      (one) => `${one.GroupId} (${one.GroupName})`,
    ),
    ...lines(
      "ec2 route table",
      tables.RouteTables?.filter((one) => !isMain(one) || isForeign(one.VpcId)),
      (one) => one.RouteTableId,
    ),
    ...lines(
      "ec2 network acl",
      acls.NetworkAcls?.filter((one) => !one.IsDefault || isForeign(one.VpcId)),
      (one) => one.NetworkAclId,
    ),
    ...lines(
      "ec2 prefix list",
      prefixes.PrefixLists?.filter(({ OwnerId }) => OwnerId !== "AWS"),
      (one) => one.PrefixListName,
    ),
  ];
}

async function gateways(ec2: EC2Client): Promise<string[]> {
  const [internet, egressOnly, nat, endpoints, addresses, peerings, flowLogs] = await Promise.all([
    ec2.send(new DescribeInternetGatewaysCommand({})),
    ec2.send(new DescribeEgressOnlyInternetGatewaysCommand({})),
    ec2.send(new DescribeNatGatewaysCommand({})),
    ec2.send(new DescribeVpcEndpointsCommand({})),
    ec2.send(new DescribeAddressesCommand({})),
    ec2.send(new DescribeVpcPeeringConnectionsCommand({})),
    ec2.send(new DescribeFlowLogsCommand({})),
  ]);
  // Deleted ones are listed for a while, as on AWS.
  return [
    ...lines("ec2 internet gateway", internet.InternetGateways, (one) => one.InternetGatewayId),
    ...lines("ec2 egress-only internet gateway", egressOnly.EgressOnlyInternetGateways, (one) => one.EgressOnlyInternetGatewayId),
    ...lines(
      "ec2 nat gateway",
      nat.NatGateways?.filter(({ State }) => State !== "deleted"),
      (one) => one.NatGatewayId,
    ),
    ...lines(
      "ec2 vpc endpoint",
      endpoints.VpcEndpoints?.filter(({ State }) => `${State}`.toLowerCase() !== "deleted"),
      (one) => `${one.VpcEndpointId} (${one.ServiceName})`,
    ),
    ...lines("ec2 elastic ip", addresses.Addresses, (one) => one.AllocationId),
    ...lines(
      "ec2 peering",
      peerings.VpcPeeringConnections?.filter(({ Status }) => Status?.Code !== "deleted"),
      (one) => one.VpcPeeringConnectionId,
    ),
    ...lines("ec2 flow log", flowLogs.FlowLogs, (one) => one.FlowLogId),
  ];
}

async function machines(ec2: EC2Client): Promise<string[]> {
  const [templates, instances, volumes, interfaces, keyPairs, snapshots] = await Promise.all([
    ec2.send(new DescribeLaunchTemplatesCommand({})),
    ec2.send(new DescribeInstancesCommand({})),
    ec2.send(new DescribeVolumesCommand({})),
    ec2.send(new DescribeNetworkInterfacesCommand({})),
    ec2.send(new DescribeKeyPairsCommand({})),
    ec2.send(new DescribeSnapshotsCommand({})),
  ]);
  const existing = instances.Reservations?.flatMap(({ Instances = [] }) => Instances).filter(({ State }) => State?.Name !== "terminated");
  return [
    ...lines("ec2 launch template", templates.LaunchTemplates, (one) => one.LaunchTemplateName),
    ...lines("ec2 instance", existing, (one) => `${one.InstanceId} (${one.State?.Name})`),
    ...lines("ec2 volume", volumes.Volumes, (one) => one.VolumeId),
    ...lines("ec2 network interface", interfaces.NetworkInterfaces, (one) => `${one.NetworkInterfaceId} (${one.Description})`),
    ...lines("ec2 key pair", keyPairs.KeyPairs, (one) => one.KeyName),
    // Those of the images belong to their publisher.
    ...lines(
      "ec2 snapshot",
      snapshots.Snapshots?.filter(({ Description }) => !Description?.startsWith("Auto-created snapshot for AMI")),
      (one) => one.SnapshotId,
    ),
  ];
}

/** One line for each thing of a kind. */
export function lines<Item>(kind: string, items: readonly Item[] | undefined, name: (item: Item) => string | undefined): string[] {
  return (items ?? []).map((item) => `${kind} ${name(item) ?? "without a name"}`);
}
