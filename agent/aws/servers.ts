import type { EC2Client } from "@aws-sdk/client-ec2";

/**
 * Private addresses of an environment's servers that run or are about to, sorted. Found by the tags that the
 * platform gives its instances.
 */
export async function findServerAddresses(client: EC2Client, environment: string): Promise<string[]> {
  const { paginateDescribeInstances } = await import("@aws-sdk/client-ec2");
  const pages = paginateDescribeInstances(
    { client },
    {
      Filters: [
        { Name: "tag:environment", Values: [environment] },
        { Name: "tag:role", Values: ["server"] },
        { Name: "instance-state-name", Values: ["pending", "running"] },
      ],
    },
  );
  const addresses: string[] = [];
  for await (const { Reservations = [] } of pages)
    for (const { Instances = [] } of Reservations)
      for (const { PrivateIpAddress } of Instances) if (PrivateIpAddress !== undefined) addresses.push(PrivateIpAddress);
  return addresses.sort();
}
