import type { Instance, LaunchSettings } from "../region/instances.ts";
import type { RoleCredentials } from "./credentials.ts";

/** What the service knows of the instance that asks. */
export interface MetadataSource {
  readonly instance: Instance;
  readonly launch: LaunchSettings;
  readonly region: string;
  /** Asked only when a request is for them: each is a call to the emulator. */
  readonly credentials: () => Promise<RoleCredentials | undefined>;
}

/** Answer to one path below `/latest/`: a text, or undefined for 404. */
export async function metadataAnswer(source: MetadataSource, path: string): Promise<string | undefined> {
  const { instance, launch } = source;
  if (path === "user-data") return launch.userData;
  if (path === "dynamic" || path === "dynamic/") return "instance-identity/";
  if (path === "dynamic/instance-identity" || path === "dynamic/instance-identity/") return "document";
  if (path === "dynamic/instance-identity/document") return identityDocument(instance, source.region);
  if (path === "") return ["dynamic", "meta-data", ...(launch.userData === undefined ? [] : ["user-data"])].join("\n");
  if (path === "meta-data") return metadataAnswer(source, "meta-data/");
  if (!path.startsWith("meta-data/")) return undefined;
  const key = path.slice("meta-data/".length).replace(/\/+$/, "");
  const tree = await metadataTree(source, key.startsWith("iam"));
  return tree[key] ?? listing(Object.keys(tree), key);
}

/** Path below `meta-data/` -> its text. */
type Tree = Readonly<Record<string, string>>;

async function metadataTree({ instance, launch, region, credentials }: MetadataSource, withCredentials: boolean): Promise<Tree> {
  const interfacePath = `network/interfaces/macs/${instance.macAddress}`;
  const tree: Record<string, string> = {
    "ami-id": instance.image,
    "ami-launch-index": "0",
    hostname: `${instance.hostname}.ec2.internal`,
    "instance-action": "none",
    "instance-id": instance.id,
    "instance-life-cycle": "on-demand",
    "instance-type": instance.type,
    "local-hostname": `${instance.hostname}.ec2.internal`,
    "local-ipv4": instance.address,
    mac: instance.macAddress,
    "placement/availability-zone": instance.zone,
    "placement/region": region,
    "services/domain": "amazonaws.com",
    "services/partition": "aws",
    [`${interfacePath}/device-number`]: "0",
    [`${interfacePath}/local-ipv4s`]: instance.address,
    [`${interfacePath}/mac`]: instance.macAddress,
    [`${interfacePath}/owner-id`]: instance.account,
    [`${interfacePath}/subnet-id`]: instance.subnet,
    [`${interfacePath}/vpc-id`]: instance.vpc,
  };
  // Where a scale-in, a rebalance or a warm pool wants the instance to go; `InService` while it shall stay.
  if (instance.group !== undefined) tree["autoscaling/target-lifecycle-state"] = targetState(instance.group.lifecycleState);
  const { profile } = launch;
  if (profile === undefined) return tree;
  tree["iam/info"] = iamInfo(instance, profile);
  const role = withCredentials ? await credentials() : undefined;
  if (role !== undefined) tree[`iam/security-credentials/${role.roleName}`] = credentialDocument(role);
  return tree;
}

function listing(keys: readonly string[], key: string): string | undefined {
  const prefix = key === "" ? "" : `${key}/`;
  const names = keys.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
  const entries = new Set(names.map((name) => (name.includes("/") ? `${name.split("/")[0]}/` : name)));
  return entries.size === 0 ? undefined : [...entries].sort().join("\n");
}

/** The group's states name where an instance is; the service says where it is to go. */
function targetState(lifecycleState: string): string {
  return lifecycleState.startsWith("Terminat") ? "Terminated" : lifecycleState.startsWith("Standby") ? "Standby" : "InService";
}

function iamInfo(instance: Instance, profile: string): string {
  const InstanceProfileArn = `arn:aws:iam::${instance.account}:instance-profile/${profile}`;
  return JSON.stringify({ Code: "Success", LastUpdated: instance.launchedAt, InstanceProfileArn, InstanceProfileId: profile }, null, 2);
}

function credentialDocument(role: RoleCredentials): string {
  return JSON.stringify(
    {
      Code: "Success",
      LastUpdated: role.issuedAt,
      Type: "AWS-HMAC",
      AccessKeyId: role.accessKeyId,
      SecretAccessKey: role.secretAccessKey,
      Token: role.sessionToken,
      Expiration: role.expiresAt,
    },
    null,
    2,
  );
}

function identityDocument(instance: Instance, region: string): string {
  return JSON.stringify(
    {
      accountId: instance.account,
      architecture: instance.architecture,
      availabilityZone: instance.zone,
      imageId: instance.image,
      instanceId: instance.id,
      instanceType: instance.type,
      pendingTime: instance.launchedAt.replace(/\.\d+Z$/, "Z"),
      privateIp: instance.address,
      region,
      version: "2017-09-30",
    },
    null,
    2,
  );
}
