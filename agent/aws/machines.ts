import type { EC2Client } from "@aws-sdk/client-ec2";

/** An instance in another state is gone for good. */
const existing = ["pending", "running", "stopping", "stopped"];

/** Those of the ids that still are instances. */
export async function existingMachines(client: EC2Client, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { paginateDescribeInstances } = await import("@aws-sdk/client-ec2");
  const found = new Set<string>();
  // A filter, because asking for an id that AWS has forgotten is an error.
  const Filters = [
    { Name: "instance-id", Values: [...ids] },
    { Name: "instance-state-name", Values: existing },
  ];
  for await (const page of paginateDescribeInstances({ client }, { Filters })) {
    for (const { InstanceId } of (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
      if (InstanceId !== undefined) found.add(InstanceId);
    }
  }
  return found;
}
