import type { TerraformProvider } from "cdktf";
import type { ReleasesLock } from "../../config/releases.ts";
import type { Architecture } from "../core/artefacts.ts";

/** Where the machines live: strings, so that a network of any origin will do. */
export interface AwsNomadNetwork {
  readonly vpcId: string;
  /** One per zone; the load balancer's. */
  readonly publicSubnetIds: readonly string[];
  /** One per zone; the machines'. They need a way to S3 and to the APIs in `constructs/aws/machine-apis.ts`. */
  readonly privateSubnetIds: readonly string[];
  /** Groups that allow what `constructs/aws/traffic-rules.ts` lists; `MachineSecurityGroups` makes them. */
  readonly securityGroupIds: { readonly servers: string; readonly clients: string; readonly ingress: string };
  /** ARN of the KMS key for the machines' volumes; EC2 and autoscaling must be allowed to use it. */
  readonly volumeKeyArn: string;
}

export interface AwsNomadServers {
  /** 3 or 5: they survive the loss of one or two. */
  readonly count: number;
  readonly instanceType: string;
  readonly arch: Architecture;
  /** Size of the root volume, in GiB. */
  readonly diskGb: number;
}

export interface AwsNomadPool {
  readonly size: number;
  readonly instanceType: string;
  /** The same for all pools with a domain: their nodes share the compiled apps. */
  readonly arch: Architecture;
  /** Size of the root volume, in GiB. */
  readonly diskGb: number;
  /** Runs Traefik and stands behind the load balancer. */
  readonly ingress: boolean;
  /** Runs apps: every route of its apps lies below this domain. Absent: runs no apps. */
  readonly domain?: string;
}

/** Nomad and Consul on machines of EC2, behind a network load balancer. */
export interface AwsNomadProps {
  readonly kind: "aws-nomad";
  /** The AWS provider of `region`, for `accountId`. */
  readonly provider: TerraformProvider;
  /** Part of every name, and the tag by which machines find their servers. */
  readonly environment: string;
  readonly region: string;
  readonly accountId: string;
  /** True: destroy takes machines and load balancer away at once. False: the load balancer is protected, machines leave in order. */
  readonly allowDestroy: boolean;
  readonly network: AwsNomadNetwork;
  /**
   * Bucket with the mirrored programs, for the node bundle and the apps. It exists before the platform, as do the secrets
   * `<environment>/servers` and `<environment>/pool-<name>`. Default: the bucket that `stacks/keep.ts` makes.
   */
  readonly artefactBucket?: string;
  readonly servers: AwsNomadServers;
  readonly pools: Readonly<Record<string, AwsNomadPool>>;
  readonly releases: ReleasesLock;
  /** AMI of Debian 13 per architecture; an absent one that is needed fails this platform's plan. */
  readonly images: { readonly [arch in Architecture]?: string };
  /** The agent, bundled into one file: `readAgentProgram()`. */
  readonly agentProgram: string;
  /** Further tags of machines and volumes: AWS hands the provider's default tags to none that a group launches. */
  readonly tags?: Readonly<Record<string, string>>;
}
