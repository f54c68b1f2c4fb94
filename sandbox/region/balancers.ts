import {
  type TargetGroup as AwsTargetGroup,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Listener, LoadBalancer, Target, TargetGroup } from "../load-balancer/model.ts";

/** Network load balancers of the region with their listeners and targets, oldest first. */
export async function listLoadBalancers(
  client: ElasticLoadBalancingV2Client,
  addressOf: (target: string) => string | undefined,
): Promise<LoadBalancer[]> {
  const groups = new Map<string, AwsTargetGroup>();
  const balancers: { arn: string; name: string; createdAt: number; dnsName: string }[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client }, {})) {
    for (const each of page.LoadBalancers ?? []) {
      if (each.Type !== "network" || each.LoadBalancerArn === undefined) continue;
      balancers.push({
        arn: each.LoadBalancerArn,
        name: each.LoadBalancerName ?? "",
        createdAt: each.CreatedTime?.getTime() ?? 0,
        dnsName: each.DNSName ?? "",
      });
    }
  }
  if (balancers.length === 0) return [];
  for await (const page of paginateDescribeTargetGroups({ client }, {})) {
    for (const group of page.TargetGroups ?? []) if (group.TargetGroupArn !== undefined) groups.set(group.TargetGroupArn, group);
  }
  balancers.sort((one, other) => one.createdAt - other.createdAt || one.name.localeCompare(other.name));
  return Promise.all(
    balancers.map(async ({ arn, name, dnsName }) => {
      const listeners: Listener[] = [];
      for await (const page of paginateDescribeListeners({ client }, { LoadBalancerArn: arn })) {
        for (const listener of page.Listeners ?? []) {
          const groupArn = listener.DefaultActions?.find(({ Type }) => Type === "forward")?.TargetGroupArn;
          const group = groupArn === undefined ? undefined : groups.get(groupArn);
          if (group === undefined || listener.Port === undefined) continue;
          listeners.push({
            port: listener.Port,
            protocol: listener.Protocol ?? "TCP",
            targetGroup: await targetGroup(client, group, addressOf),
          });
        }
      }
      return { name, dnsName, listeners: listeners.sort((one, other) => one.port - other.port) };
    }),
  );
}

async function targetGroup(
  client: ElasticLoadBalancingV2Client,
  group: AwsTargetGroup,
  addressOf: (target: string) => string | undefined,
): Promise<TargetGroup> {
  const { TargetHealthDescriptions } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group.TargetGroupArn }));
  const targets = (TargetHealthDescriptions ?? []).flatMap(({ Target: target }): Target[] => {
    const id = target?.Id;
    const address = id === undefined ? undefined : addressOf(id);
    return id === undefined || address === undefined ? [] : [{ id, address, port: target?.Port ?? group.Port ?? 80 }];
  });
  return {
    arn: group.TargetGroupArn ?? "",
    name: group.TargetGroupName ?? "",
    targets: targets.sort((one, other) => one.id.localeCompare(other.id) || one.port - other.port),
    healthCheck: {
      protocol: group.HealthCheckProtocol === "HTTP" || group.HealthCheckProtocol === "HTTPS" ? group.HealthCheckProtocol : "TCP",
      ...(group.HealthCheckPort === undefined || group.HealthCheckPort === "traffic-port" ? {} : { port: Number(group.HealthCheckPort) }),
      path: group.HealthCheckPath ?? "/",
      statuses: group.Matcher?.HttpCode ?? "200-399",
      intervalSeconds: group.HealthCheckIntervalSeconds ?? 30,
      timeoutSeconds: group.HealthCheckTimeoutSeconds ?? 10,
      healthyThreshold: group.HealthyThresholdCount ?? 3,
      unhealthyThreshold: group.UnhealthyThresholdCount ?? 3,
    },
  };
}
