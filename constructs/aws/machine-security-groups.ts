import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group/index.js";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { type TrafficGroup, trafficRules } from "./traffic-rules.ts";

export interface MachineSecurityGroupsProps {
  readonly provider: TerraformProvider;
  readonly vpcId: string;
  readonly s3PrefixListId: string;
  /** Physical names of the groups. */
  readonly names: Readonly<Record<TrafficGroup, string>>;
  /** Port that the load balancer answers the world on. */
  readonly publicPort: number;
  /** How machines reach AWS APIs other than S3: the endpoints' group, or the internet through NAT. */
  readonly egress: { readonly endpointsSecurityGroupId: string } | "internet";
}

const descriptions: Readonly<Record<TrafficGroup, string>> = {
  servers: "Nomad and Consul servers",
  clients: "Machines of the node pools",
  ingress: "Load balancer of the platform",
};
const anywhere = "0.0.0.0/0";

/** Security groups of servers, clients and the load balancer: only what `trafficRules` lists, and the ways to AWS APIs. */
export class MachineSecurityGroups extends Construct {
  readonly ids: Readonly<Record<TrafficGroup, string>>;
  private readonly provider: TerraformProvider;

  constructor(scope: Construct, id: string, props: MachineSecurityGroupsProps) {
    super(scope, id);
    this.provider = props.provider;
    const group = (name: TrafficGroup): string =>
      new SecurityGroup(this, name, {
        provider: props.provider,
        name: props.names[name],
        description: descriptions[name],
        vpcId: props.vpcId,
        tags: { Name: props.names[name] },
      }).id;
    this.ids = { servers: group("servers"), clients: group("clients"), ingress: group("ingress") };

    for (const rule of trafficRules)
      for (const protocol of rule.protocols)
        this.allow(`${rule.from}-to-${rule.to}-${rule.name}-${protocol}`, {
          from: this.ids[rule.from],
          to: this.ids[rule.to],
          protocol,
          port: rule.port,
          why: rule.why,
        });

    new VpcSecurityGroupIngressRule(this, "world-to-ingress-http", {
      provider: props.provider,
      securityGroupId: this.ids.ingress,
      description: "Apps are public",
      ipProtocol: "tcp",
      fromPort: props.publicPort,
      toPort: props.publicPort,
      cidrIpv4: anywhere,
    });

    const { egress } = props;
    for (const name of ["servers", "clients"] as const) {
      this.leave(`${name}-to-s3`, {
        from: this.ids[name],
        port: 443,
        why: "S3 by the gateway endpoint",
        prefixListId: props.s3PrefixListId,
      });
      if (egress !== "internet")
        this.allow(`${name}-to-apis`, {
          from: this.ids[name],
          to: egress.endpointsSecurityGroupId,
          protocol: "tcp",
          port: 443,
          why: "AWS APIs by their endpoints",
        });
    }
    if (egress === "internet") {
      this.leave("servers-to-internet", { from: this.ids.servers, port: 443, why: "AWS APIs through NAT", cidrIpv4: anywhere });
      // An app's allow-list may name any port; the app host enforces it, per app.
      new VpcSecurityGroupEgressRule(this, "clients-to-internet", {
        provider: props.provider,
        securityGroupId: this.ids.clients,
        description: "AWS APIs and what apps may connect to, through NAT",
        ipProtocol: "tcp",
        fromPort: 1,
        toPort: 65535,
        cidrIpv4: anywhere,
      });
    }
  }

  /** A rule into one group and the same out of the other. */
  private allow(id: string, rule: { from: string; to: string; protocol: "tcp" | "udp"; port: number; why: string }): void {
    const common = {
      provider: this.provider,
      description: rule.why,
      ipProtocol: rule.protocol,
      fromPort: rule.port,
      toPort: rule.port,
    };
    new VpcSecurityGroupIngressRule(this, `${id}-in`, { ...common, securityGroupId: rule.to, referencedSecurityGroupId: rule.from });
    new VpcSecurityGroupEgressRule(this, `${id}-out`, { ...common, securityGroupId: rule.from, referencedSecurityGroupId: rule.to });
  }

  private leave(id: string, rule: { from: string; port: number; why: string; prefixListId?: string; cidrIpv4?: string }): void {
    const { from, port, why, ...target } = rule;
    new VpcSecurityGroupEgressRule(this, id, {
      provider: this.provider,
      securityGroupId: from,
      description: why,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      ...target,
    });
  }
}
