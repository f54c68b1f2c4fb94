import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clientSettings, uniqueName, withEmulator } from "../support/emulator.ts";

const token = "00000000-0000-4000-8000-000000000001";
let secrets: SecretsManagerClient;
let SecretId: string;
beforeAll(async () => {
  secrets = new SecretsManagerClient(clientSettings(await withEmulator()));
}, 120_000);
beforeEach(async () => {
  SecretId = uniqueName("environment/secret");
  await secrets.send(new CreateSecretCommand({ Name: SecretId }));
});

const put = (SecretString: string, ClientRequestToken = token) =>
  secrets.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));
const get = async () => (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;

describe("emulated Secrets Manager", () => {
  it("says that a new container has no value", async () => {
    await expect(get()).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
  });

  it("keeps the first value of a request token, however often it comes", async () => {
    await put("first");
    await put("first");
    await expect(put("second")).rejects.toMatchObject({ name: "ResourceExistsException" });
    expect(await get()).toBe("first");
  });

  it("lets one of many first writers win", async () => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => put(`writer ${index}`)));
    const won = results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
    expect(won).toHaveLength(1);
    expect(await get()).toBe(`writer ${won[0]}`);
  });

  it("moves the label to the value of another token", async () => {
    const first = await put("first");
    await put("second", "00000000-0000-4000-8000-000000000002");
    expect(await get()).toBe("second");
    const { VersionIdsToStages } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    expect(VersionIdsToStages?.[first.VersionId ?? ""]).toEqual(["AWSPREVIOUS"]);
    expect((await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: "AWSPREVIOUS" }))).SecretString).toBe("first");
  });

  it("frees the name when deleted without recovery", async () => {
    await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    await expect(get()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await secrets.send(new CreateSecretCommand({ Name: SecretId }));
  });
});
