import { DeleteAutoScalingGroupCommand, DescribeAutoScalingGroupsCommand, waitUntilGroupNotExists } from "@aws-sdk/client-auto-scaling";
import {
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { AwsClients } from "../../aws.ts";
import { allPages, type Found, isNamed, isTagged, type OrphanKind, type Owner } from "./kind.ts";

const autoscalingGroups: OrphanKind = {
  types: ["aws_autoscaling_group"],
  async list({ autoScaling }, owner) {
    const groups = await allPages(
      (NextToken) => autoScaling.send(new DescribeAutoScalingGroupsCommand(NextToken === undefined ? {} : { NextToken })),
      (page) => page.NextToken,
      (page) => page.AutoScalingGroups,
    );
    return groups.flatMap(({ AutoScalingGroupName: name, Tags }) =>
      name !== undefined && (isTagged(Tags, owner) || isNamed("aws_autoscaling_group", name, owner))
        ? [{ type: "aws_autoscaling_group", id: name, name }]
        : [],
    );
  },
  async remove({ autoScaling }, { id }) {
    await autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true }));
    // Its machines hold interfaces in the subnets; nothing below them goes before.
    await waitUntilGroupNotExists({ client: autoScaling, maxWaitTime: 600, minDelay: 1, maxDelay: 5 }, { AutoScalingGroupNames: [id] });
  },
};

interface Balanced {
  readonly arn: string;
  readonly name: string;
}

/** Of load balancers, target groups or listeners those that carry the owner's tags or a declared name. */
async function owned(clients: AwsClients, owner: Owner, type: string, all: readonly Balanced[]): Promise<Found[]> {
  const found: Found[] = [];
  for (let start = 0; start < all.length; start += 20) {
    const some = all.slice(start, start + 20); // DescribeTags takes 20.
    const { TagDescriptions } = await clients.loadBalancing.send(new DescribeTagsCommand({ ResourceArns: some.map(({ arn }) => arn) }));
    for (const { arn, name } of some) {
      const tags = TagDescriptions?.find(({ ResourceArn }) => ResourceArn === arn)?.Tags;
      if (isTagged(tags, owner) || isNamed(type, name, owner)) found.push({ type, id: arn, name });
    }
  }
  return found;
}

async function balancers({ loadBalancing }: AwsClients): Promise<Balanced[]> {
  const all = await allPages(
    (Marker) => loadBalancing.send(new DescribeLoadBalancersCommand(Marker === undefined ? {} : { Marker })),
    (page) => page.NextMarker,
    (page) => page.LoadBalancers,
  );
  return all.flatMap(({ LoadBalancerArn: arn, LoadBalancerName: name }) => (arn === undefined ? [] : [{ arn, name: name ?? "" }]));
}

const loadBalancers: OrphanKind = {
  types: ["aws_lb"],
  list: async (clients, owner) => owned(clients, owner, "aws_lb", await balancers(clients)),
  remove: async ({ loadBalancing }, { id }) => {
    await loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: id }));
  },
};

const listeners: OrphanKind = {
  types: ["aws_lb_listener"],
  async list(clients, owner) {
    const all: Balanced[] = [];
    for (const { arn } of await balancers(clients)) {
      const { Listeners } = await clients.loadBalancing.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
      all.push(...(Listeners ?? []).flatMap(({ ListenerArn }) => (ListenerArn === undefined ? [] : [{ arn: ListenerArn, name: "" }])));
    }
    return owned(clients, owner, "aws_lb_listener", all);
  },
  remove: async ({ loadBalancing }, { id }) => {
    await loadBalancing.send(new DeleteListenerCommand({ ListenerArn: id }));
  },
};

const targetGroups: OrphanKind = {
  types: ["aws_lb_target_group"],
  async list(clients, owner) {
    const all = await allPages(
      (Marker) => clients.loadBalancing.send(new DescribeTargetGroupsCommand(Marker === undefined ? {} : { Marker })),
      (page) => page.NextMarker,
      (page) => page.TargetGroups,
    );
    const some = all.flatMap(({ TargetGroupArn: arn, TargetGroupName: name }) => (arn === undefined ? [] : [{ arn, name: name ?? "" }]));
    return owned(clients, owner, "aws_lb_target_group", some);
  },
  remove: async ({ loadBalancing }, { id }) => {
    await loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn: id }));
  },
};

export const machineKinds: readonly OrphanKind[] = [autoscalingGroups, listeners, loadBalancers, targetGroups];
