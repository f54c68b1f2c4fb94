import { Lb } from "@cdktf/provider-aws/lib/lb/index.js";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener/index.js";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { ports } from "../bootstrap/layout.ts";
import { physicalName } from "../core/names.ts";

export interface IngressLoadBalancerProps {
  readonly provider: TerraformProvider;
  readonly environment: string;
  readonly region: string;
  readonly vpcId: string;
  /** Public subnets, one per zone. */
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  /** AWS refuses to delete it. */
  readonly deletionProtection: boolean;
}

/** Port that the world reaches apps on. */
export const publicHttpPort = 80;
/** Traefik's own answer while it serves. */
export const ingressHealthCheck = { path: "/ping", port: ports.ingressPing } as const;

/** The public entry: a network load balancer that passes connections on to Traefik and leaves clients their address. */
export class IngressLoadBalancer extends Construct {
  readonly hostname: string;
  /** Zone for alias records. */
  readonly zoneId: string;
  /** Machines register here. It does not wait for the load balancer, which takes a minute to make, so neither do they. */
  readonly targetGroupArn: string;

  constructor(scope: Construct, id: string, props: IngressLoadBalancerProps) {
    super(scope, id);
    const { provider, environment, region } = props;
    const balancer = new Lb(this, "balancer", {
      provider,
      name: physicalName("loadBalancer", { environment, region, id: "ingress" }),
      loadBalancerType: "network",
      internal: false,
      subnets: [...props.subnetIds],
      securityGroups: [props.securityGroupId],
      // A zone without ingress machines still answers, and load is even where zones hold unequal numbers.
      enableCrossZoneLoadBalancing: true,
      enableDeletionProtection: props.deletionProtection,
    });
    const target = new LbTargetGroup(this, "target", {
      provider,
      name: physicalName("targetGroup", { environment, region, id: "http" }),
      vpcId: props.vpcId,
      targetType: "instance",
      protocol: "TCP",
      port: ports.ingressHttp,
      preserveClientIp: "true",
      // A client's next request goes elsewhere as soon as its machine is leaving; the default is five minutes.
      deregistrationDelay: "30",
      healthCheck: {
        enabled: true,
        protocol: "HTTP",
        port: String(ingressHealthCheck.port),
        path: ingressHealthCheck.path,
        matcher: "200",
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
    });
    new LbListener(this, "http", {
      provider,
      loadBalancerArn: balancer.arn,
      protocol: "TCP",
      port: publicHttpPort,
      defaultAction: [{ type: "forward", targetGroupArn: target.arn }],
    });
    this.hostname = balancer.dnsName;
    this.zoneId = balancer.zoneId;
    this.targetGroupArn = target.arn;
  }
}
