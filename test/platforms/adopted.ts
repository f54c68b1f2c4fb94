import type { TerraformProvider } from "cdktf";
import type { AwsNomadProps } from "../../constructs/platforms/aws-nomad-props.ts";
import { locks } from "../support/synth.ts";

/** A network that another project made: ids and nothing of ours. */
export const adoptedNetwork: AwsNomadProps["network"] = {
  vpcId: "vpc-0adopted",
  publicSubnetIds: ["subnet-0p1", "subnet-0p2"],
  privateSubnetIds: ["subnet-0a1", "subnet-0a2"],
  securityGroupIds: { servers: "sg-0servers", clients: "sg-0clients", ingress: "sg-0ingress" },
  volumeKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/0volumes",
};

/** A platform of two pools in that network: `web` with ingress and apps, `batch` with neither. */
export const adoptedProps = (provider: TerraformProvider, change: Partial<AwsNomadProps> = {}): AwsNomadProps => ({
  kind: "aws-nomad",
  provider,
  environment: "example",
  region: "eu-central-1",
  accountId: "111122223333",
  allowDestroy: true,
  network: adoptedNetwork,
  servers: { count: 3, instanceType: "t4g.medium", arch: "arm64", diskGb: 20 },
  pools: {
    web: { size: 2, instanceType: "m7g.large", arch: "arm64", diskGb: 30, ingress: true, domain: "apps.example.com" },
    batch: { size: 1, instanceType: "m7i.large", arch: "amd64", diskGb: 50, ingress: false },
  },
  releases: locks.releases,
  images: { amd64: "ami-0amd64", arm64: "ami-0arm64" },
  agentProgram: locks.agentProgram,
  ...change,
});
