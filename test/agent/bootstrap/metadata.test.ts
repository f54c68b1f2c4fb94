import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { instanceCredentials, metadataService } from "../../../agent/aws/metadata.ts";

let server: Server;
let endpoint: string;
let asked: string[];
/** Status that the next request for a session gets instead of one. */
let refuse: number | undefined;

beforeEach(async () => {
  asked = [];
  refuse = undefined;
  const credentials = { AccessKeyId: "AKIA", SecretAccessKey: "secret", Token: "token", Expiration: "2030-01-01T00:00:00Z" };
  const documents: Readonly<Record<string, string>> = {
    "instance-id": "i-1",
    "iam/security-credentials/": "a-role\n",
    "iam/security-credentials/a-role": JSON.stringify(credentials),
    "iam/security-credentials/incomplete": "{}",
  };
  server = createServer(({ method, url = "", headers }, response) => {
    asked.push(`${method} ${url}`);
    if (method === "PUT" && url === "/latest/api/token") {
      const status = refuse ?? 200;
      refuse = undefined;
      return response.writeHead(status).end("session");
    }
    if (headers["x-aws-ec2-metadata-token"] !== "session") return response.writeHead(401).end();
    const document = documents[url.replace("/latest/meta-data/", "")];
    return document === undefined ? response.writeHead(404).end() : response.end(document);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

test("opens one session for all questions, also those asked at once", async () => {
  const metadata = metadataService({ endpoint });
  expect(await Promise.all([metadata.get("instance-id"), metadata.get("instance-id"), metadata.get("instance-id")])).toEqual([
    "i-1",
    "i-1",
    "i-1",
  ]);
  expect(asked.filter((line) => line.startsWith("PUT"))).toHaveLength(1);
});

test("opens another session after one was refused", async () => {
  refuse = 503;
  const metadata = metadataService({ endpoint });
  await expect(metadata.get("instance-id")).rejects.toThrow("metadata api/token: got status 503; expected 200");
  expect(await metadata.get("instance-id")).toBe("i-1");
});

test("says which document is not there", async () => {
  await expect(metadataService({ endpoint }).get("spot/none")).rejects.toThrow(
    "metadata meta-data/spot/none: got status 404; expected 200",
  );
});

test("gives the role's credentials with their end", async () => {
  expect(await instanceCredentials(metadataService({ endpoint }))()).toEqual({
    accessKeyId: "AKIA",
    secretAccessKey: "secret",
    sessionToken: "token",
    expiration: new Date("2030-01-01T00:00:00Z"),
  });
});
