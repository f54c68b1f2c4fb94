import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
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
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, describe, expect, it } from "vitest";
import { images } from "../../config/locks/images.ts";
import type { Emulator } from "../../sandbox/emulator/emulator.ts";
import { clientSettings, startTestEmulator, uniqueName, withEmulator } from "../support/emulator.ts";

/** A fix is needed as long as moto answers `stock`; a test that fails on that says which fix to remove. */
interface Proof {
  readonly observe: (emulator: Emulator) => Promise<unknown>;
  readonly stock: unknown;
  readonly fixed: unknown;
}

const image = images.sandbox?.["us-east-1"]?.amd64;
const status = (call: Promise<unknown>) => call.then(() => 200).catch((error) => error.$metadata?.httpStatusCode ?? String(error));
const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

/** Keys of a user with one permission. */
async function limitedUser(emulator: Emulator, statement: object) {
  const iam = new IAMClient(clientSettings(emulator));
  const UserName = uniqueName("user");
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "policy", PolicyDocument: document(statement) }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}

async function newBucket(emulator: Emulator) {
  const s3 = new S3Client(clientSettings(emulator));
  const Bucket = uniqueName("bucket");
  await s3.send(new CreateBucketCommand({ Bucket }));
  return { s3, Bucket };
}

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

const proofs: Record<string, Record<string, Proof>> = {
  access_control: {
    "a `?` in a secret's name": {
      observe: async (emulator) => {
        const Name = uniqueName("secret");
        await new SecretsManagerClient(clientSettings(emulator)).send(new CreateSecretCommand({ Name, SecretString: "value" }));
        const Resource = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${Name}-??????`;
        const keys = await limitedUser(emulator, { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource });
        return status(new SecretsManagerClient(clientSettings(emulator, keys)).send(new GetSecretValueCommand({ SecretId: Name })));
      },
      stock: 500,
      fixed: 200,
    },
    "a presigned URL": {
      observe: async (emulator) => {
        const { s3, Bucket } = await newBucket(emulator);
        return (await fetch(await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "key" })), { method: "PUT", body: "text" })).status;
      },
      stock: 500,
      fixed: 200,
    },
    "a TLS-only bucket": {
      observe: async (emulator) => {
        const { s3, Bucket } = await newBucket(emulator);
        await s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: "text" }));
        const tls = {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: `arn:aws:s3:::${Bucket}/*`,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        };
        await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: document(tls) }));
        return status(s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: "text" })));
      },
      stock: 403,
      fixed: 200,
    },
  },
  chunked_upload: {
    "an upload in small chunks": {
      observe: async (emulator) => {
        const { s3, Bucket } = await newBucket(emulator);
        const piece = Buffer.alloc(8192, "x");
        const count = 1500;
        const before = cpuSeconds(emulator);
        await s3.send(
          new PutObjectCommand({ Bucket, Key: "key", Body: Readable.from(pieces(piece, count)), ContentLength: piece.length * count }),
        );
        return cpuSeconds(emulator) - before > 0.7 ? "slow" : "fast";
      },
      stock: "slow",
      fixed: "fast",
    },
  },
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
  one_at_a_time: {
    "winners of a conditional write": {
      observe: async (emulator) => {
        const { s3, Bucket } = await newBucket(emulator);
        const Body = Buffer.alloc(8_000_000, "x");
        for (let round = 0; round < 30; round++) {
          const write = () => s3.send(new PutObjectCommand({ Bucket, Key: `key-${round}`, Body, IfNoneMatch: "*" }));
          const results = await Promise.allSettled(Array.from({ length: 5 }, write));
          if (results.filter(({ status }) => status === "fulfilled").length !== 1) return "several";
        }
        return "one";
      },
      stock: "several",
      fixed: "one",
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

const tagged = (ResourceType: ResourceType) => [{ ResourceType, Tags: [{ Key: "stack", Value: "base" }] }];

function* pieces(piece: Buffer, count: number): Generator<Buffer> {
  for (let index = 0; index < count; index++) yield piece;
}

/** Of the emulator's process: unlike the clock it does not count what else the machine does. */
function cpuSeconds(emulator: Emulator): number {
  const fields = readFileSync(`/proc/${emulator.process.pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  // Fields 14 and 15, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

let stock: Emulator;
let fixed: Emulator;
beforeAll(async () => {
  [stock, fixed] = await Promise.all([startTestEmulator("stock", { without: ["all"] }), withEmulator()]);
}, 120_000);

describe("fixes of moto", () => {
  it("each have a proof here", () => {
    const folder = fileURLToPath(new URL("../../sandbox/emulator/fixes", import.meta.url));
    const names = readdirSync(folder).filter((name) => /^[a-z].*\.py$/.test(name));
    expect(names.map((name) => name.replace(".py", "")).sort()).toEqual(Object.keys(proofs).sort());
  });

  for (const [fix, observations] of Object.entries(proofs)) {
    for (const [what, { observe, stock: expectedOfStock, fixed: expectedOfFixed }] of Object.entries(observations)) {
      it(`${fix}: ${what}`, { timeout: 120_000 }, async () => {
        expect(await observe(fixed), "with the fix").toEqual(expectedOfFixed);
        expect(await observe(stock), "moto itself: if this is as with the fix, remove the fix").toEqual(expectedOfStock);
      });
    }
  }
});
