import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RoleCredentialsCache } from "../../sandbox/metadata/credentials.ts";
import type { MetadataSource } from "../../sandbox/metadata/document.ts";
import { createMetadataServer } from "../../sandbox/metadata/server.ts";
import { TokenIssuer } from "../../sandbox/metadata/token.ts";
import type { Instance } from "../../sandbox/region/instances.ts";

const instance: Instance = {
  id: "i-0123456789abcdef0",
  state: "running",
  address: "127.0.0.1",
  hostname: "ip-127-0-0-1",
  zone: "us-east-1b",
  image: "ami-1",
  type: "m7i.large",
  architecture: "x86_64",
  macAddress: "02:00:00:00:00:01",
  subnet: "subnet-1",
  vpc: "vpc-1",
  account: "000000000000",
  launchedAt: "2026-01-02T03:04:05.000Z",
  tags: {},
  group: { name: "web", lifecycleState: "InService" },
};
const credentials = {
  roleName: "web",
  accessKeyId: "ASIA1",
  secretAccessKey: "secret",
  sessionToken: "token",
  issuedAt: "2026-01-02T03:04:05Z",
  expiresAt: "2026-01-02T04:04:05Z",
};
let source: MetadataSource | undefined;
let now = Date.parse("2026-01-02T03:04:05Z");
const server = createMetadataServer({ tokens: new TokenIssuer(Buffer.from("key")), sourceOf: async () => source, now: () => now });
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .once("error", reject)
      .end();
  });
}
const tokenPath = "/latest/api/token";
const ttl = (seconds: string) => ({ "X-aws-ec2-metadata-token-ttl-seconds": seconds });
const full = (): MetadataSource => ({
  instance,
  launch: { profile: "web-profile", userData: "#cloud-config\n" },
  region: "us-east-1",
  credentials: async () => credentials,
});
async function get(path: string): Promise<{ status: number; text: string }> {
  const { text } = await ask("PUT", tokenPath, ttl("60"));
  return ask("GET", path, { "X-aws-ec2-metadata-token": text });
}

describe("metadata service", () => {
  test("answers nothing without a token: there is no version 1", async () => {
    source = full();
    expect((await ask("GET", "/latest/meta-data/instance-id")).status).toBe(401);
    expect((await ask("GET", "/latest/meta-data/instance-id", { "X-aws-ec2-metadata-token": "made.up" })).status).toBe(401);
  });

  test("refuses a token to whom a proxy forwards, and odd lifetimes", async () => {
    expect((await ask("PUT", tokenPath, { ...ttl("60"), "X-Forwarded-For": "192.0.2.1" })).status).toBe(403);
    for (const seconds of ["0", "21601", "1.5", ""]) expect((await ask("PUT", tokenPath, ttl(seconds))).status).toBe(400);
    expect((await ask("PUT", "/latest/meta-data", ttl("60"))).status).toBe(405);
  });

  test("a token ends", async () => {
    source = full();
    const { text } = await ask("PUT", tokenPath, ttl("60"));
    const withToken = () => ask("GET", "/latest/meta-data/instance-id", { "X-aws-ec2-metadata-token": text });
    expect((await withToken()).text).toBe(instance.id);
    now += 61_000;
    expect((await withToken()).status).toBe(401);
  });

  test("serves what machines read, in folders, under every dated version", async () => {
    source = full();
    expect((await get("/latest/meta-data/")).text.split("\n")).toEqual(expect.arrayContaining(["iam/", "instance-id", "placement/"]));
    expect((await get("/2021-03-23/meta-data/placement/availability-zone")).text).toBe("us-east-1b");
    expect((await get("/latest/meta-data/local-ipv4")).text).toBe("127.0.0.1");
    expect((await get("/latest/user-data")).text).toBe("#cloud-config\n");
    expect((await get("/latest/meta-data/iam/security-credentials/")).text).toBe("web");
    expect(JSON.parse((await get("/latest/meta-data/iam/security-credentials/web")).text)).toMatchObject({
      Code: "Success",
      AccessKeyId: "ASIA1",
      Expiration: "2026-01-02T04:04:05Z",
    });
    expect(JSON.parse((await get("/latest/dynamic/instance-identity/document")).text)).toMatchObject({
      instanceId: instance.id,
      region: "us-east-1",
    });
    expect((await get("/latest/meta-data/public-ipv4")).status).toBe(404);
    expect((await get("/latest/meta-data/instance-id/more")).status).toBe(404);
  });

  test("tells where the group wants the instance", async () => {
    const path = "/latest/meta-data/autoscaling/target-lifecycle-state";
    source = full();
    expect((await get(path)).text).toBe("InService");
    source = { ...full(), instance: { ...instance, group: { name: "web", lifecycleState: "Terminating:Wait" } } };
    expect((await get(path)).text).toBe("Terminated");
    const { group: _, ...alone } = instance;
    source = { ...full(), instance: alone };
    expect((await get(path)).status).toBe(404);
  });

  test("an instance without profile or user data has none; an unknown address has nothing", async () => {
    source = { ...full(), launch: {} };
    expect((await get("/latest/meta-data/iam/security-credentials/")).status).toBe(404);
    expect((await get("/latest/user-data")).status).toBe(404);
    source = undefined;
    expect((await get("/latest/meta-data/instance-id")).status).toBe(404);
  });
});

describe("TokenIssuer", () => {
  test("a token is good for one address, and for a service that has the same key", () => {
    const token = new TokenIssuer(Buffer.from("one")).issue("10.0.0.1", 60, 1_000);
    expect(new TokenIssuer(Buffer.from("one")).isValid(token, "10.0.0.1", 2_000)).toBe(true);
    expect(new TokenIssuer(Buffer.from("one")).isValid(token, "10.0.0.2", 2_000)).toBe(false);
    expect(new TokenIssuer(Buffer.from("other")).isValid(token, "10.0.0.1", 2_000)).toBe(false);
    const [, signature] = token.split(".");
    expect(new TokenIssuer(Buffer.from("one")).isValid(`zzzzzzz.${signature}`, "10.0.0.1", 2_000)).toBe(false);
  });
});

describe("RoleCredentialsCache", () => {
  test("keeps credentials until a quarter of an hour before their end, and forgets an instance", async () => {
    let clock = 0;
    let assumed = 0;
    const iam = { send: async () => ({ InstanceProfile: { Roles: [{ RoleName: "web", Arn: "arn:aws:iam::000000000000:role/web" }] } }) };
    const sts = {
      send: async () => {
        assumed += 1;
        return {
          Credentials: { AccessKeyId: `ASIA${assumed}`, SecretAccessKey: "s", SessionToken: "t", Expiration: new Date(clock + 3_600_000) },
        };
      },
    };
    const cache = new RoleCredentialsCache(iam as never, sts as never, () => clock);
    const key = async () => (await cache.get("i-1", "profile")).accessKeyId;
    expect(await key()).toBe("ASIA1");
    clock = 44 * 60_000;
    expect(await key()).toBe("ASIA1");
    clock = 46 * 60_000;
    expect(await key()).toBe("ASIA2");
    cache.forget("i-1");
    expect(await key()).toBe("ASIA3");
  });
});
