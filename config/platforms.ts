/** What is fixed by a platform's maker: accounts, regions, the processors of instance types. */

/** `sandbox`'s account: twelve zeros are never given to a customer, so real credentials cannot match it. */
export const sandboxAccountId = "000000000000";

/** Names that no environment may have, each with what owns it: physical names begin with the environment's. */
export const reservedNames: Readonly<Record<string, string>> = {
  keep: "keep-* are the stacks that outlive destroy",
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
  internal: "AWS refuses load balancers that begin with internal-",
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
  sg: "AWS refuses security groups that begin with sg-",
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  sthree: "AWS refuses buckets that begin with sthree-",
};

/** https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
const regionsByPartition = {
  aws: [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
  ],
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
} as const;

export type Partition = keyof typeof regionsByPartition;

const partitions = new Map<string, Partition>(
  Object.entries(regionsByPartition).flatMap(([partition, regions]) => regions.map((region) => [region, partition as Partition] as const)),
);

export const regionNames: readonly string[] = [...partitions.keys()];

/** `aws`, `aws-cn` or `aws-us-gov`: first part of every ARN in the region. Undefined for a name that is no region. */
export function partitionOf(region: string): Partition | undefined {
  return partitions.get(region);
}

const instanceType =
  /^(?<family>[a-z]+)(?<generation>[0-9]+)(?<options>[a-z0-9-]*)\.(nano|micro|small|medium|large|xlarge|[1-9][0-9]{0,2}xlarge|metal(-[0-9]+xl)?)$/;

/**
 * Processor of an instance type, from its name: options with a `g` are Graviton, as is the first family `a1`.
 * Undefined for a name that is no instance type. https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function architectureOf(type: unknown): "amd64" | "arm64" | undefined {
  const { family, generation, options } = (typeof type === "string" && instanceType.exec(type)?.groups) || {};
  if (family === undefined || generation === undefined || options === undefined) return undefined;
  return options.includes("g") || `${family}${generation}` === "a1" ? "arm64" : "amd64";
}
