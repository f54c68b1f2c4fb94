import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmulatorProps, findEmulator, startEmulator, stopEmulator } from "../../sandbox/emulator/emulator.ts";
import { isAlive } from "../../sandbox/host/processes.ts";
import { clientSettings } from "../support/emulator.ts";

let folder: string;
let props: EmulatorProps;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-fleet-emulator-"));
  props = { address: "127.0.0.1", port: 0, stateFolder: join(folder, "state"), follow: process.pid };
});
afterEach(async () => {
  await stopEmulator(props.stateFolder);
  await rm(folder, { recursive: true, force: true });
});

describe("emulator", { timeout: 120_000 }, () => {
  it("runs once for a folder, however often and at once it is started", async () => {
    const [first, second] = await Promise.all([startEmulator(props), startEmulator(props)]);
    expect(second).toEqual(first);
    expect(await startEmulator(props)).toEqual(first);
    expect(findEmulator(props.stateFolder)).toEqual(first);
  });

  it("leaves no process and no file when stopped, and may be stopped again", async () => {
    const emulator = await startEmulator(props);
    await stopEmulator(props.stateFolder);
    expect(isAlive(emulator.process)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    await stopEmulator(props.stateFolder);
    expect(findEmulator(props.stateFolder)).toBeUndefined();
  });

  it("starts afresh after it was killed, with keys of its own", async () => {
    const killed = await startEmulator(props);
    process.kill(killed.process.pid, "SIGKILL");
    while (isAlive(killed.process)) await delay(10);
    expect(findEmulator(props.stateFolder)).toBeUndefined();
    const again = await startEmulator(props);
    expect(again.deployer.accessKeyId).not.toBe(killed.deployer.accessKeyId);
    expect(isAlive(again.process)).toBe(true);
  });

  it("keeps what it writes to its owner and in its folder", async () => {
    const emulator = await startEmulator(props);
    const s3 = new S3Client(clientSettings(emulator));
    await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
    await s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "big", Body: Buffer.alloc(8_000_000) }));
    const open = `/proc/${emulator.process.pid}/fd`;
    // Objects are files without a name.
    const unnamed = readdirSync(open)
      .map((fd) => readlinkSync(join(open, fd)))
      .filter((path) => path.endsWith(" (deleted)"));
    expect(unnamed).not.toEqual([]);
    expect(unnamed.filter((path) => !path.startsWith(join(props.stateFolder, "objects")))).toEqual([]);
    for (const name of readdirSync(props.stateFolder))
      expect([name, statSync(join(props.stateFolder, name)).mode & 0o077]).toEqual([name, 0]);
    const commandLine = readFileSync(`/proc/${emulator.process.pid}/cmdline`, "utf8");
    const environment = readFileSync(`/proc/${emulator.process.pid}/environ`, "utf8");
    expect(`${commandLine}${environment}`).not.toContain(emulator.deployer.secretAccessKey);
  });

  it("says which port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(startEmulator({ ...props, port })).rejects.toThrow(
      new RegExp(`^emulator: did not start on 127\\.0\\.0\\.1:${port}, got exit 1; .*Port ${port} is in use`, "s"),
    );
    other.close();
  });

  it("serves nothing that would switch its access control off", async () => {
    const { endpoint } = await startEmulator(props);
    for (const path of ["/moto-api/reset", "/moto-api/reset-auth", "/moto-api/data.json", "/%6doto-api/reset", "//moto-api/reset"]) {
      const { status } = await fetch(`${endpoint}${path}`, { method: "POST", body: "inf" });
      expect([path, status >= 400]).toEqual([path, true]);
    }
  });
});
