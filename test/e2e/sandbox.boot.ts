import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DescribeInstanceAttributeCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, describe, expect, test } from "vitest";
import { machineApis } from "../../constructs/aws/machine-apis.ts";
import { ports } from "../../constructs/bootstrap/layout.ts";
import type { StatusDocument } from "../../constructs/core/app.ts";
import type { PoolSecret, ServerSecret } from "../../constructs/core/secrets.ts";
import { machineCalls, readCalls } from "../../sandbox/emulator/calls.ts";
import { sandboxStateFolder } from "../../sandbox/host/folders.ts";
import { machineInit, runningMachine } from "../../sandbox/machines/machine.ts";
import { isSandboxRunning, sandboxEnvironment, stopSandbox } from "../../sandbox/sandbox.ts";
import { agentsInCache } from "../tiers/agents-in-cache.ts";
import {
  type Answer,
  ask,
  eventually,
  fleet,
  fleetKilledWhen,
  fleetMust,
  machinesOf,
  on,
  projectFolder,
  startFleet,
} from "./support/fleet.ts";

const missing =
  agentsInCache() ?? (isSandboxRunning() ? "a sandbox runs already, and these tests end with none (`npm run down`)" : undefined);
const host = "hello.apps.localhost";
const bucket = "sandbox-us-east-1-artefacts-000000000000";

const settings = () => {
  const { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = sandboxEnvironment();
  return {
    endpoint: endpoint ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: accessKeyId ?? "", secretAccessKey: secretAccessKey ?? "" },
    forcePathStyle: true,
  };
};
const textOf = async (key: string, from = bucket): Promise<string> =>
  (await (await new S3Client(settings()).send(new GetObjectCommand({ Bucket: from, Key: key }))).Body?.transformToString()) ?? "";
const secretOf = async <T>(name: string): Promise<T> =>
  JSON.parse((await new SecretsManagerClient(settings()).send(new GetSecretValueCommand({ SecretId: name }))).SecretString ?? "{}") as T;
const healthy = async (): Promise<StatusDocument | undefined> => {
  const { code, result } = await fleet("status", "sandbox");
  const regions = result.regions as Record<string, { status: StatusDocument }> | undefined;
  return code === 0 ? regions?.["us-east-1"]?.status : undefined;
};
const releaseOf = async (): Promise<string> =>
  (JSON.parse(await textOf("apps/hello/release.json")) as { current: { component: string } }).current.component;

/** Asks until told to stop, and tells what did not answer 200. */
function watch(): () => Promise<{ asked: number; bad: Answer[] }> {
  const seen = { asked: 0, bad: [] as Answer[] };
  let ended = false;
  const loop = (async () => {
    while (!ended) {
      const answer = await ask(host);
      seen.asked += 1;
      if (answer.status !== 200) seen.bad.push(answer);
      await new Promise((done) => setTimeout(done, 50));
    }
  })();
  return async () => {
    ended = true;
    await loop;
    return seen;
  };
}

/** One sandbox from its first `up` to `down --everything`; each test goes on where the one before stopped. */
describe.skipIf(missing !== undefined)(missing === undefined ? "a sandbox" : `skipped: ${missing}`, () => {
  afterAll(async () => {
    if (isSandboxRunning()) await stopSandbox();
  });

  test("up that is killed while it makes the base, the platform and the machines goes on where it was, and ends with the app's answer", async () => {
    const halfway = (step: string) => (event: { step?: string; event?: string; text?: string }) =>
      event.step === step && event.event === "progress" && /complete/i.test(event.text ?? "");
    await fleetKilledWhen(halfway("sandbox-base-us-east-1"), "up", "sandbox");
    await fleetKilledWhen(halfway("sandbox-platform-us-east-1"), "up", "sandbox");
    await fleetKilledWhen(({ step, event }) => step === "boot:us-east-1" && event === "progress", "up", "sandbox");
    const up = await fleetMust("up", "sandbox");
    const answers = up.result.answers as { app: string; url: string; status: number }[];
    expect(answers).toMatchObject([{ app: "hello", url: `http://${host}:8080`, status: 200 }]);
    expect(await ask(host)).toMatchObject({ status: 200 });
    expect(await ask("nobody.apps.localhost")).toMatchObject({ status: 404 });
    expect((await machinesOf("server")).length).toBe(3);
    expect((await machinesOf("client")).length).toBe(1);
  });

  test("a second up changes nothing, and every stack's plan is empty", async () => {
    const up = await fleetMust("up", "sandbox");
    for (const changes of Object.values(up.result.stacks as Record<string, object>))
      expect(changes).toMatchObject({ add: 0, change: 0, remove: 0 });
    expect((await fleet("plan", "sandbox")).code).toBe(0);
  });

  test("cdktf itself works on the sandbox, with the README's line, and finds nothing to do after up", async () => {
    const line = `eval "$(node cli/fleet.mjs sandbox env)" && npx cdktf deploy 'sandbox-*' --auto-approve 2>&1`;
    const { stdout } = await promisify(execFile)("bash", ["-c", line], { cwd: projectFolder, maxBuffer: 64 << 20 });
    expect(stdout.match(/No changes\./g)).toHaveLength(3);
  });

  test("two ups at once: the second says who holds the lock since when", async () => {
    const first = startFleet("plan", "sandbox");
    const end = new Promise((done) => first.once("close", done));
    const refused = await eventually("a refusal", 30, async () => {
      const run = await fleet("up", "sandbox");
      return run.code === 0 ? undefined : run;
    });
    expect(`${refused.stdout}${refused.stderr}`).toMatch(/fleet plan sandbox.*since/s);
    await end;
  });

  test("agents refuse plain HTTP, a client without a certificate of the authority, and a request without a token", async () => {
    const [server] = await machinesOf("server");
    if (server === undefined) throw new Error("no server");
    const tls = "/etc/edge-fleet/tls";
    for (const [port, path] of [
      [ports.nomadHttp, "/v1/jobs"],
      [ports.consulHttps, "/v1/agent/self"],
    ] as const) {
      const plain = await on(server, `curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:${port}${path}`);
      expect(plain.stdout === "400" || plain.code !== 0).toBe(true);
      const files = (await on(server, `ls ${tls}`)).stdout;
      const name = port === ports.nomadHttp ? "nomad" : "consul";
      expect(files).toContain("ca");
      const withoutCertificate = await on(server, `curl -s --cacert ${tls}/ca.pem https://localhost:${port}${path}`);
      expect(withoutCertificate.code).not.toBe(0);
      const withoutToken = await on(
        server,
        `curl -s -o /dev/null -w '%{http_code}' --cacert ${tls}/ca.pem --cert ${tls}/${name}.pem --key ${tls}/${name}-key.pem https://localhost:${port}${path}`,
      );
      expect(withoutToken.stdout).toBe("403");
    }
  });

  test("no secret lies in synthesised files, states, user data, process lists or journals", async () => {
    const servers = await secretOf<ServerSecret>("sandbox/servers");
    const pool = await secretOf<PoolSecret>("sandbox/pool-web");
    const values = Object.entries({ ...servers, ...pool })
      .filter(([name]) => /Key|Token/.test(name))
      .map(([name, value]) => ({ name, needle: value.includes("-----BEGIN") ? (value.split("\n")[2] ?? "") : value }));
    expect(values.length).toBeGreaterThanOrEqual(8);
    const places = new Map<string, string>();
    for (const file of readdirSync(join(projectFolder, "cdktf.out"), { recursive: true, withFileTypes: true }))
      if (file.isFile()) places.set(join(file.parentPath, file.name), readFileSync(join(file.parentPath, file.name), "latin1"));
    const s3 = new S3Client(settings());
    for (const { Name } of (await s3.send(new ListBucketsCommand({}))).Buckets ?? []) {
      for (const { Key } of (await s3.send(new ListObjectsV2Command({ Bucket: Name }))).Contents ?? [])
        if (Key !== undefined && Name !== undefined && /tfstate|\.json$|bundles\//.test(Key))
          places.set(`${Name}/${Key}`, await textOf(Key, Name));
    }
    for (const machine of [...(await machinesOf("server")), ...(await machinesOf("client"))]) {
      places.set(
        `${machine.name}: processes`,
        (await on(machine, "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")).stdout,
      );
      places.set(`${machine.name}: journal`, (await on(machine, "journalctl --no-pager -o cat; cat /var/log/cloud-init*.log")).stdout);
      const attribute = await new EC2Client(settings()).send(
        new DescribeInstanceAttributeCommand({ InstanceId: machine.instanceId, Attribute: "userData" }),
      );
      places.set(`${machine.name}: user data`, Buffer.from(attribute.UserData?.Value ?? "", "base64").toString("utf8"));
    }
    const found = [...places].flatMap(([place, text]) =>
      values.filter(({ needle }) => text.includes(needle)).map(({ name }) => `${name} in ${place}`),
    );
    expect(found).toEqual([]);
    expect([...places.keys()].some((place) => place.endsWith(".tfstate"))).toBe(true);
  });

  test("a client machine's role reads its own pool's secret, and neither the servers' nor another pool's", async () => {
    const [client] = await machinesOf("client");
    if (client === undefined) throw new Error("no client");
    const metadata = await on(
      client,
      `base=http://169.254.169.254/latest; token=$(curl -sf -X PUT $base/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60'); role=$(curl -sf -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/); curl -sf -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/$role`,
    );
    const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(metadata.stdout) as {
      AccessKeyId: string;
      SecretAccessKey: string;
      Token: string;
    };
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
    const read = (name: string) =>
      new SecretsManagerClient({ ...settings(), credentials }).send(new GetSecretValueCommand({ SecretId: name }));
    const own = JSON.parse((await read("sandbox/pool-web")).SecretString ?? "{}") as PoolSecret;
    expect(Object.keys(own)).not.toContain("caKey");
    expect(JSON.stringify(own)).not.toContain((await secretOf<ServerSecret>("sandbox/servers")).nomadManagementToken);
    await expect(read("sandbox/servers")).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(read("sandbox/pool-other")).rejects.toMatchObject({ name: expect.stringMatching(/AccessDenied/) });
    const native = new S3Client({ ...settings(), credentials }).send(
      new PutObjectCommand({ Bucket: bucket, Key: "compiled/x.cwasm", Body: "native code of a team" }),
    );
    await expect(native).rejects.toMatchObject({ name: expect.stringMatching(/AccessDenied/) });
    expect(
      (await on(client, "grep -rlE 'BEGIN (EC |RSA )?PRIVATE KEY' / --include='*ca*key*' -s --exclude-dir=proc --exclude-dir=sys")).stdout,
    ).toBe("");
  });

  test("machines call exactly the APIs that have an endpoint, and were denied nothing that they need", async () => {
    const calls = machineCalls(readCalls(join(sandboxStateFolder(), "emulator", "calls.jsonl")));
    expect([...new Set(calls.map(({ service }) => service))].sort()).toEqual(machineApis.map(({ service }) => service).sort());
    // The client asked above, on purpose, for what it must not have; and an index that is not there yet is denied to those who may not list.
    const denied = calls.filter(
      ({ allowed, action, resource }) =>
        !allowed && !/:secret:sandbox\/(servers|pool-other)|compiled\/x\.cwasm|index\.json/.test(resource) && action !== "s3:ListBucket",
    );
    expect(denied).toEqual([]);
  });

  test("a release answers within 15 s of the end of its compile, without Terraform, and rolls back", async () => {
    const before = await releaseOf();
    const file = join(projectFolder, "apps/hello/app.wasm");
    // A custom section changes the component's hash and nothing of what it does.
    const note = Buffer.from(`released ${Date.now()}`);
    const section = Buffer.concat([Buffer.from([note.length + 2, 1, 0x6e]), note]);
    const next = join(projectFolder, ".build", "hello-next.wasm");
    writeFileSync(next, Buffer.concat([readFileSync(file), Buffer.from([0]), section]));
    const sha256 = createHash("sha256").update(readFileSync(next)).digest("hex");
    const stop = watch();
    const run = await fleetMust("app", "release", "hello", next);
    expect(await ask(host)).toMatchObject({ status: 200, release: sha256 });
    expect(Number(run.result.spreadSeconds)).toBeLessThan(15);
    await fleetMust("app", "rollback", "hello");
    expect(await ask(host)).toMatchObject({ status: 200, release: before });
    expect((await stop()).bad).toEqual([]);
    expect((await fleet("plan", "sandbox")).code).toBe(0);
  });

  test("a server that dies is replaced, quorum is healthy again, and the app keeps answering", async () => {
    const stop = watch();
    const [victim] = await machinesOf("server");
    if (victim === undefined) throw new Error("no server");
    killMachine(victim.instanceId);
    await eventually("a new server in its place", 120, async () => {
      const servers = await machinesOf("server");
      return servers.length === 3 && servers.every(({ instanceId, state }) => instanceId !== victim.instanceId && state === "running")
        ? servers
        : undefined;
    });
    // The dead one leaves the lists only once its successor is a voter.
    await eventually("a healthy quorum of three without the dead one", 240, async () => {
      const seen = await healthy();
      const all = [...(seen?.servers.nomad ?? []), ...(seen?.servers.consul ?? [])];
      const isWhole = all.length === 6 && all.every((server) => server.voter && server.healthy && server.name !== victim.instanceId);
      return isWhole ? seen : undefined;
    });
    const { asked, bad } = await stop();
    expect(asked).toBeGreaterThan(100);
    expect(bad).toEqual([]);
  });

  test("a bigger pool boots one more machine, which serves the app", async () => {
    const file = join(projectFolder, "config/environments/sandbox.ts");
    const text = readFileSync(file, "utf8");
    try {
      writeFileSync(file, text.replace(/size: 1\b/, "size: 2"));
      await fleetMust("up", "sandbox");
      expect(await machinesOf("client")).toHaveLength(2);
      await eventually("hello on two nodes", 120, async () => {
        const app = (await healthy())?.apps.hello;
        return app?.nodes.serving === 2 && app.nodes.of === 2 ? app : undefined;
      });
    } finally {
      writeFileSync(file, text);
    }
  });

  test("down leaves keep and the emulator; the next up brings the app back at its release", async () => {
    const before = await releaseOf();
    await fleetMust("down", "sandbox");
    expect(await machinesOf("server")).toEqual([]);
    expect((await ask(host)).status).not.toBe(200);
    const up = await fleetMust("up", "sandbox");
    expect((up.result.answers as { release: string }[])[0]?.release).toBe(before);
    expect(await releaseOf()).toBe(before);
  });

  test("down --everything leaves nothing: the emulator is as a fresh one, no process, mount or namespace stays", async () => {
    await fleetMust("down", "sandbox", "--everything");
    expect(isSandboxRunning()).toBe(false);
    expect(execFileSync("ip", ["netns", "list"], { encoding: "utf8" })).not.toContain("edge-fleet");
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain("edge-fleet");
    expect(execFileSync("bash", ["-c", 'pgrep -af "$1" | grep -v pgrep || true', "bash", sandboxStateFolder()], { encoding: "utf8" })).toBe(
      "",
    );
    expect(existsSync(join(projectFolder, "cdktf.out"))).toBe(false);
    const again = await fleetMust("down", "sandbox", "--everything");
    expect(again.result).toMatchObject({ alreadyDown: true });
  });
});

/** As a machine dies whose host loses power. */
function killMachine(instanceId: string): void {
  const record = runningMachine(sandboxStateFolder(), instanceId);
  const init = record === undefined ? undefined : machineInit(record);
  if (init === undefined) throw new Error(`${instanceId}: does not run`);
  process.kill(init.pid, "SIGKILL");
}
