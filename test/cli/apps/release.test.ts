import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { readComponent } from "../../../cli/apps/component.ts";
import { readReleases, withRelease, writeRelease } from "../../../cli/apps/documents.ts";
import { type ReleasePlace, releaseComponent, requireDeclared, requireDeployed, setRelease } from "../../../cli/apps/release.ts";
import { waitUntilServed } from "../../../cli/apps/serving.ts";
import { rollbackTarget } from "../../../cli/commands/app.ts";
import { findEnvironment } from "../../../cli/environments.ts";
import { objectExists } from "../../../cli/objects.ts";
import type { AppIndex, Release, StatusDocument } from "../../../constructs/core/app.ts";
import { artefactKeys } from "../../../constructs/core/artefacts.ts";
import { emulatorClients, newBucket } from "../support/emulator.ts";
import { temporaryFolder } from "../support/folders.ts";

const magic = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const who = "arn:aws:iam::000000000000:user/deployer";

function componentOf(text: string) {
  const file = join(temporaryFolder(), "app.wasm");
  writeFileSync(file, Buffer.concat([Buffer.from(magic), Buffer.from(text)]));
  return readComponent(file);
}

async function place(): Promise<ReleasePlace> {
  const clients = await emulatorClients();
  return { region: clients.region, s3: clients.s3, bucket: await newBucket(clients, "apps") };
}

const release = (component: string): Release => ({ component, releasedAt: "2026-11-20T10:00:00.000Z", releasedBy: who });

test.each([
  [[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], "a core module"],
  [[], "an empty file"],
  [[0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0], "7f454c4602010100 at its beginning"],
])("what is no component is refused: %j", (bytes, got) => {
  const file = join(temporaryFolder(), "app.wasm");
  writeFileSync(file, Buffer.from(bytes));
  expect(() => readComponent(file)).toThrow(
    `${file}: not a WebAssembly component, got ${got}; expected one (WASI 0.2, wasi:http). Build it`,
  );
});

test("an app that is not declared, or not deployed, is refused", async () => {
  const environment = findEnvironment("sandbox");
  expect(() => requireDeclared(environment, "other")).toThrow(
    'app: not declared in sandbox, got "other"; expected hello. Name one of them, or declare it in config/environments/sandbox.ts and run `fleet up sandbox`.',
  );
  const there = await place();
  await expect(requireDeployed(environment, "hello", [there])).rejects.toThrow(
    `app hello: not deployed in us-east-1, got no apps/hello/app.json in ${there.bucket}; expected its declaration. Run \`fleet up sandbox\` first.`,
  );
  await there.s3.send(new PutObjectCommand({ Bucket: there.bucket, Key: artefactKeys.app("hello"), Body: "{}" }));
  await requireDeployed(environment, "hello", [there]);
});

test("a release uploads its component by hash, keeps history, and goes back", async () => {
  const there = await place();
  const [one, two] = [componentOf("one"), componentOf("two")];
  expect(await releaseComponent("hello", one, [there], who)).toBe("written");
  expect(await releaseComponent("hello", one, [there], who)).toBe("unchanged");
  expect(await releaseComponent("hello", two, [there], who)).toBe("written");
  expect(await objectExists(there.s3, there.bucket, artefactKeys.component(one.sha256))).toBe(true);
  const document = (await readReleases(there.s3, there.bucket, "hello"))?.document;
  expect(document?.current).toMatchObject({ component: two.sha256, releasedBy: who });
  expect(document?.history.map(({ component }) => component)).toEqual([one.sha256]);

  expect(await rollbackTarget([there], "hello", undefined)).toBe(one.sha256);
  expect(await rollbackTarget([there], "hello", one.sha256.slice(0, 8).toUpperCase())).toBe(one.sha256);
  await expect(rollbackTarget([there], "hello", "ffff")).rejects.toThrow("app hello: no such earlier release in us-east-1, got ffff");
  await setRelease("hello", one.sha256, [there], who);
  const after = (await readReleases(there.s3, there.bucket, "hello"))?.document;
  expect([after?.current, ...(after?.history ?? [])].map((each) => each?.component)).toEqual([one.sha256, two.sha256, one.sha256]);
});

test("of two releases at once one is refused and told who was first", async () => {
  const { s3, bucket } = await place();
  expect(await writeRelease(s3, bucket, "hello", undefined, release("a".repeat(64)))).toBe("written");
  await expect(writeRelease(s3, bucket, "hello", undefined, release("b".repeat(64)))).rejects.toThrow(
    `app hello: released by somebody else meanwhile, got aaaaaaaaaaaa by ${who} at 2026-11-20T10:00:00.000Z; expected no release. Look at it with \`fleet app history hello\`, then run this command again if yours shall replace it.`,
  );
  const before = await readReleases(s3, bucket, "hello");
  expect(await writeRelease(s3, bucket, "hello", before, release("b".repeat(64)))).toBe("written");
  await expect(writeRelease(s3, bucket, "hello", before, release("c".repeat(64)))).rejects.toThrow("released by somebody else meanwhile");
  // Twice the same by two people is what both want.
  expect(await writeRelease(s3, bucket, "hello", before, release("b".repeat(64)))).toBe("unchanged");
});

test("history is bounded", () => {
  let document = withRelease(undefined, release("0"));
  for (let index = 1; index <= 60; index++) document = withRelease(document, release(String(index)));
  expect(document.current.component).toBe("60");
  expect(document.history).toHaveLength(50);
  expect(document.history[0]?.component).toBe("59");
});

test("serving is awaited: seen, compiled, on every node", async () => {
  const there = await place();
  const component = "d".repeat(64);
  const engine = "wasmtime-48.0.8";
  const put = (Key: string, body: object | string) =>
    there.s3.send(new PutObjectCommand({ Bucket: there.bucket, Key, Body: typeof body === "string" ? body : JSON.stringify(body) }));
  const index = (problem?: string): AppIndex => ({
    engine,
    apps: { hello: { pool: "web", declaration: "etag", component, ...(problem === undefined ? {} : { problem }) } },
  });
  const status = (serving: number): Pick<StatusDocument, "apps"> => ({
    apps: { hello: { pool: "web", routes: ["hello.apps.localhost"], component, nodes: { serving, of: 2 } } },
  });
  const seen: string[] = [];
  // Each look sees the step before, and what it says makes the next one happen.
  const next: Record<string, () => Promise<unknown>> = {
    "the leader has not seen the release yet": () => put(artefactKeys.index, index()),
    compiling: () => put(artefactKeys.compiled(component, engine), "native"),
    "compiled; no node reports it yet": () => put(artefactKeys.status, status(1)),
    "served by 1 of 2 nodes": () => put(artefactKeys.status, status(2)),
  };
  const say = (text: string): void => {
    if (!seen.includes(text)) void next[text]?.();
    seen.push(text);
  };
  const { compileMs, spreadMs } = await waitUntilServed({ app: "hello", component, places: [there], deadlineMs: 10_000, say });
  expect([...new Set(seen)]).toEqual(Object.keys(next));
  expect(compileMs).toBeGreaterThan(0);
  expect(spreadMs).toBeGreaterThan(0);

  await put(artefactKeys.index, index("the compile job was stopped at 1024 MB"));
  await expect(waitUntilServed({ app: "hello", component, places: [there], deadlineMs: 10_000, say: () => {} })).rejects.toThrow(
    "app hello: release dddddddddddd is not served in us-east-1, got the compile job was stopped at 1024 MB; expected a component that compiles and starts. Release one that does, or go back with `fleet app rollback hello`; what was served before still is.",
  );
});
