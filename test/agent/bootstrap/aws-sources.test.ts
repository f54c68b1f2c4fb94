import { CreateSubnetCommand, CreateVpcCommand, EC2Client, RunInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { beforeAll, describe, expect, test } from "vitest";
import { SecretsManagerStore } from "../../../agent/aws/secrets.ts";
import { findServerAddresses } from "../../../agent/aws/servers.ts";
import { images } from "../../../config/locks/images.ts";
import type { Emulator } from "../../../sandbox/emulator/emulator.ts";
import { clientSettings, uniqueName, withEmulator } from "../../support/emulator.ts";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await withEmulator();
}, 180_000);

describe("secrets in Secrets Manager", () => {
  const container = async () => {
    const client = new SecretsManagerClient(clientSettings(emulator));
    const name = uniqueName("env/servers");
    await client.send(new CreateSecretCommand({ Name: name }));
    return { name, store: new SecretsManagerStore(client) };
  };

  test("a container without a value, and none at all, have no value", async () => {
    const { name, store } = await container();
    expect(await store.get(name)).toBeUndefined();
    expect(await store.get(uniqueName("none"))).toBeUndefined();
  });

  test("of writers at once one wins, and all are given what it wrote", async () => {
    const { name, store } = await container();
    const given = await Promise.all(["one", "two", "three", "four"].map((value) => store.createOnce(name, value)));
    expect(new Set(given).size).toBe(1);
    expect(["one", "two", "three", "four"]).toContain(given[0]);
    expect(await store.createOnce(name, "late")).toBe(given[0]);
    expect(await store.get(name)).toBe(given[0]);
  });

  test("a rotated value is the one that is read, and no first writer comes after it", async () => {
    const { name, store } = await container();
    await store.createOnce(name, "first");
    await store.rotate(name, "second");
    expect(await store.get(name)).toBe("second");
    expect(await store.createOnce(name, "first")).toBe("second");
  });

  test("what is not an answer is an error", async () => {
    const client = new SecretsManagerClient({ ...clientSettings(emulator), endpoint: "http://127.0.0.1:1" });
    await expect(new SecretsManagerStore(client).get("any")).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("servers by their tags", () => {
  test("finds the running servers of one environment and nobody else", async () => {
    const client = new EC2Client(clientSettings(emulator));
    const environment = uniqueName("env").replaceAll("-", "");
    const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }));
    const { Subnet } = await client.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId ?? "", CidrBlock: "10.77.0.0/24" }));
    const launch = async (address: string, tags: Readonly<Record<string, string>>) => {
      const { Instances } = await client.send(
        new RunInstancesCommand({
          ImageId: images.sandbox?.["us-east-1"]?.amd64 ?? "",
          MinCount: 1,
          MaxCount: 1,
          SubnetId: Subnet?.SubnetId ?? "",
          PrivateIpAddress: address,
          TagSpecifications: [{ ResourceType: "instance", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }],
        }),
      );
      return Instances?.[0]?.InstanceId ?? "";
    };
    await launch("10.77.0.12", { environment, role: "server" });
    await launch("10.77.0.11", { environment, role: "server" });
    await launch("10.77.0.13", { environment, role: "client", pool: "web" });
    await launch("10.77.0.14", { environment: `${environment}x`, role: "server" });
    const stopped = await launch("10.77.0.15", { environment, role: "server" });
    await client.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
    expect(await findServerAddresses(client, environment)).toEqual(["10.77.0.11", "10.77.0.12"]);
  });
});
