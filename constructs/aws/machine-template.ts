import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template/index.js";
import { type ITerraformDependable, type Precondition, TerraformLocal, type TerraformProvider, Token } from "cdktf";
import { Construct } from "constructs";
import type { Architecture } from "../core/artefacts.ts";
import { physicalName } from "../core/names.ts";

/** A machine image, or where one is missing: the plan of this environment, and of no other, then says so. */
export interface MachineImage {
  readonly arch: Architecture;
  /** AMI id from the lock; undefined while the lock has none. */
  readonly id: string | undefined;
}

export interface MachineTemplateProps {
  readonly provider: TerraformProvider;
  readonly environment: string;
  readonly region: string;
  /** `servers`, or `pool-<name>`. */
  readonly name: string;
  readonly image: MachineImage;
  readonly instanceType: string;
  /** Size of the root volume, in GiB. */
  readonly diskGb: number;
  /** ARN of the key that encrypts the volume. */
  readonly volumeKeyArn: string;
  readonly instanceProfileName: string;
  readonly securityGroupId: string;
  /** Text of at most 16 KB, EC2's limit. No Terraform token: machines are the same text everywhere. */
  readonly userData: string;
  /** Tags of the machine's volume. AWS hands the provider's default tags to none that a group launches. */
  readonly tags: Readonly<Record<string, string>>;
  /** What must be there before a machine boots. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/** How one kind of machine is launched. */
export class MachineTemplate extends Construct {
  readonly id: string;
  /** The version that this configuration describes, so that groups change when it does. */
  readonly version: string;

  constructor(scope: Construct, id: string, props: MachineTemplateProps) {
    super(scope, id);
    const { provider, environment, region, image } = props;
    const template = new LaunchTemplate(this, "template", {
      provider,
      name: physicalName("launchTemplate", { environment, region, id: props.name }),
      updateDefaultVersion: true,
      ...(image.id === undefined ? {} : { imageId: image.id }),
      instanceType: props.instanceType,
      iamInstanceProfile: { name: props.instanceProfileName },
      // Base64 here and not by a function of Terraform's, which would read its own templates in it.
      userData: Buffer.from(props.userData).toString("base64"),
      // IMDSv2 only, and an answer that dies on its first hop: a forwarded request never brings credentials out.
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      networkInterfaces: [
        { deviceIndex: 0, associatePublicIpAddress: "false", deleteOnTermination: "true", securityGroups: [props.securityGroupId] },
      ],
      blockDeviceMappings: [
        {
          // Root device of the official Debian 13 images.
          deviceName: "/dev/xvda",
          ebs: {
            volumeType: "gp3",
            volumeSize: props.diskGb,
            encrypted: "true",
            kmsKeyId: props.volumeKeyArn,
            deleteOnTermination: "true",
          },
        },
      ],
      // A machine that shuts itself down, because it could not boot into the cluster, is replaced by its group.
      instanceInitiatedShutdownBehavior: "terminate",
      tagSpecifications: [{ resourceType: "volume", tags: { ...props.tags } }],
      ...(image.id === undefined ? { lifecycle: { precondition: [this.missingImage(props)] } } : {}),
      dependsOn: [...props.dependsOn],
    });
    this.id = template.id;
    this.version = Token.asString(template.latestVersion);
  }

  private missingImage({ environment, region, image }: MachineTemplateProps): Precondition {
    // Terraform takes no condition that is constant on its face.
    const lookup = new TerraformLocal(this, "image", "");
    return {
      condition: `\${local.${lookup.friendlyUniqueId} != ""}`,
      errorMessage: `config/locks/images.ts: no machine image for ${environment} in ${region}, got nothing for ${image.arch}; expected the id of a Debian 13 image. Run \`fleet images update ${environment}\`.`,
    };
  }
}
