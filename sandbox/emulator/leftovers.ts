import { AutoScalingClient, DescribeAutoScalingGroupsCommand, DescribeLaunchConfigurationsCommand } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  IAMClient,
  ListGroupsCommand,
  ListInstanceProfilesCommand,
  ListOpenIDConnectProvidersCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient, ListAliasesCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { readCalls } from "./calls.ts";
import type { AccessKey } from "./emulator.ts";
import { lines, listNetworkAndMachines } from "./leftovers-ec2.ts";

export interface LeftoverProps {
  readonly endpoint: string;
  readonly credentials: AccessKey;
  readonly region: string;
  /** Recorded calls: they tell whether a service was used that is not asked below. */
  readonly callsFile: string;
}

/** The users that a fresh emulator has (accounts.py). */
const ownUsers = new Set(["deployer", "region"]);
/** Services that are asked, as signatures name them. STS keeps nothing that could be deleted. */
const asked = new Set(["autoscaling", "ec2", "elasticloadbalancing", "iam", "kms", "s3", "secretsmanager", "sts"]);

/** Everything in the account that a fresh emulator does not have, one line each: `<service> <kind> <name or id>`. Empty: clean. */
export async function listLeftovers(props: LeftoverProps): Promise<string[]> {
  const settings = { endpoint: props.endpoint, region: props.region, credentials: props.credentials, maxAttempts: 2 };
  const found = await Promise.all([
    listNetworkAndMachines(new EC2Client(settings)),
    autoscaling(new AutoScalingClient(settings)),
    loadBalancing(new ElasticLoadBalancingV2Client(settings)),
    identities(new IAMClient(settings)),
    keys(new KMSClient(settings)),
    buckets(new S3Client({ ...settings, forcePathStyle: true })),
    secrets(new SecretsManagerClient(settings)),
  ]);
  return [...found.flat(), ...unaskedServices(props.callsFile)].sort();
}

async function autoscaling(client: AutoScalingClient): Promise<string[]> {
  const [groups, configurations] = await Promise.all([
    client.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 100 })),
    client.send(new DescribeLaunchConfigurationsCommand({})),
  ]);
  return [
    ...lines("autoscaling group", groups.AutoScalingGroups, (one) => one.AutoScalingGroupName),
    ...lines("autoscaling launch configuration", configurations.LaunchConfigurations, (one) => one.LaunchConfigurationName),
  ];
}

async function loadBalancing(client: ElasticLoadBalancingV2Client): Promise<string[]> {
  const [balancers, targets] = await Promise.all([
    client.send(new DescribeLoadBalancersCommand({})),
    client.send(new DescribeTargetGroupsCommand({})),
  ]);
  return [
    ...lines("elasticloadbalancing load balancer", balancers.LoadBalancers, (one) => one.LoadBalancerName),
    ...lines("elasticloadbalancing target group", targets.TargetGroups, (one) => one.TargetGroupName),
  ];
}

async function identities(client: IAMClient): Promise<string[]> {
  const [roles, policies, profiles, users, groups, providers] = await Promise.all([
    client.send(new ListRolesCommand({ MaxItems: 1000 })),
    client.send(new ListPoliciesCommand({ Scope: "Local", MaxItems: 1000 })),
    client.send(new ListInstanceProfilesCommand({ MaxItems: 1000 })),
    client.send(new ListUsersCommand({ MaxItems: 1000 })),
    client.send(new ListGroupsCommand({ MaxItems: 1000 })),
    client.send(new ListOpenIDConnectProvidersCommand({})),
  ]);
  return [
    // AWS makes the roles of its services by itself and keeps them.
    ...lines(
      "iam role",
      roles.Roles?.filter(({ Path }) => !Path?.startsWith("/aws-service-role/")),
      (one) => one.RoleName,
    ),
    ...lines("iam policy", policies.Policies, (one) => one.PolicyName),
    ...lines("iam instance profile", profiles.InstanceProfiles, (one) => one.InstanceProfileName),
    ...lines(
      "iam user",
      users.Users?.filter(({ UserName = "" }) => !ownUsers.has(UserName)),
      (one) => one.UserName,
    ),
    ...lines("iam group", groups.Groups, (one) => one.GroupName),
    ...lines("iam OpenID Connect provider", providers.OpenIDConnectProviderList, (one) => one.Arn),
  ];
}

async function keys(client: KMSClient): Promise<string[]> {
  const { Keys = [] } = await client.send(new ListKeysCommand({ Limit: 1000 }));
  const described = await Promise.all(Keys.map(({ KeyId }) => client.send(new DescribeKeyCommand({ KeyId }))));
  // A key is never deleted at once: one that waits for it is as gone as it can be.
  const kept = described.filter(({ KeyMetadata }) => KeyMetadata?.KeyManager === "CUSTOMER" && KeyMetadata.KeyState !== "PendingDeletion");
  const { Aliases } = await client.send(new ListAliasesCommand({ Limit: 100 }));
  return [
    ...lines("kms key", kept, ({ KeyMetadata }) => `${KeyMetadata?.KeyId} (${KeyMetadata?.Description || "no description"})`),
    ...lines(
      "kms alias",
      Aliases?.filter(({ AliasName }) => !AliasName?.startsWith("alias/aws/")),
      (one) => one.AliasName,
    ),
  ];
}

async function buckets(client: S3Client): Promise<string[]> {
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  return lines("s3 bucket", Buckets, (one) => one.Name);
}

async function secrets(client: SecretsManagerClient): Promise<string[]> {
  // Also those in recovery: their names are taken.
  const { SecretList } = await client.send(new ListSecretsCommand({ IncludePlannedDeletion: true, MaxResults: 100 }));
  return lines("secretsmanager secret", SecretList, (one) => one.Name);
}

function unaskedServices(callsFile: string): string[] {
  const writes = new Map<string, string>();
  for (const { service, action, allowed } of readCalls(callsFile)) {
    if (allowed && !asked.has(service) && !/:(Describe|List|Get|Head|Batch|Query|Scan|Test|Validate)/.test(action))
      writes.set(service, action);
  }
  return [...writes].map(
    ([service, action]) => `${service} was written to (${action}) but is not asked what it has; add it to sandbox/emulator/leftovers.ts`,
  );
}
