import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { releases } from "../../config/locks/releases.ts";
import { renderBootstrapEnv } from "../../constructs/bootstrap/bootstrap-env.ts";
import { programsOf } from "../../constructs/bootstrap/programs.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { exampleBundle } from "./support/example-bundle.ts";

const files = fileURLToPath(new URL("../../constructs/bootstrap/files", import.meta.url));
const support = fileURLToPath(new URL("./support", import.meta.url));

const noShellcheck = spawnSync("shellcheck", ["--version"]).status !== 0;
if (noShellcheck) process.stdout.write("skipped: shellcheck: not on this machine\n");
test.skipIf(noShellcheck).each([...readdirSync(files).map((name) => join(files, name)), join(support, "run-on-machine.sh")])(
  "shellcheck has nothing to say about %s",
  (file) => {
    const { stdout, status } = spawnSync("shellcheck", [file], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, ""]);
  },
);

const cannotIsolate =
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "needs root on Linux"
    : spawnSync("unshare", ["--net", "--mount", "true"]).status !== 0
      ? "no namespaces here"
      : spawnSync("ip", ["-V"]).status !== 0
        ? "no `ip` (package iproute2)"
        : undefined;
if (cannotIsolate !== undefined) process.stdout.write(`skipped: scripts run as on a machine: ${cannotIsolate}\n`);

describe.skipIf(cannotIsolate !== undefined)("on a machine that boots for the first time", () => {
  const bundle = exampleBundle();
  const programs = programsOf({ role: "client", arch: "amd64", ingress: true });
  const key = (program: (typeof programs)[number]) => artefactKeys.releaseFile(program, releases[program].version, "amd64");
  const content = (program: string) => `#!/bin/sh\necho ${program}\n`;
  const sha256 = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");
  let scratch: string;

  const at = (path: string) => join(scratch, path);
  const put = (objectKey: string, body: string | Uint8Array) => {
    mkdirSync(dirname(at(`bucket/artefacts/${objectKey}`)), { recursive: true });
    writeFileSync(at(`bucket/artefacts/${objectKey}`), body);
  };
  const boot = (environment: Readonly<Record<string, string>> = {}) => {
    rmSync(at("calls"), { force: true });
    rmSync(at("requests"), { force: true });
    const { status, stdout, stderr } = spawnSync(
      "unshare",
      [
        "--net",
        "--mount",
        "--propagation",
        "private",
        join(support, "run-on-machine.sh"),
        scratch,
        process.execPath,
        join(support, "machine-services.mjs"),
        at("boot/fetch-bundle.sh"),
      ],
      { encoding: "utf8", timeout: 60_000, env: { ...process.env, ...environment } },
    );
    const lines = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), "utf8").trim().split("\n") : []);
    return { status, output: stdout + stderr, calls: lines("calls"), requests: lines("requests").filter((line) => line !== "") };
  };
  const machineFile = (path: string) => readFileSync(at(`${path.split("/")[1]}/upper/${path.split("/").slice(2).join("/")}`), "utf8");

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "scripts-"));
    mkdirSync(at("tools"));
    // Each writes down its arguments; curl is the real one.
    for (const tool of ["systemctl", "systemd-sysusers", "systemd-tmpfiles", "curl"]) {
      const next = tool === "curl" ? `exec /usr/bin/curl "$@"` : "";
      writeFileSync(at(`tools/${tool}`), `#!/bin/sh\necho "${tool} $*" >> "$SCRATCH/calls"\n${next}\n`);
      chmodSync(at(`tools/${tool}`), 0o755);
    }
    cpSync(files, at("boot"), { recursive: true });
    rmSync(at("boot/install.sh"));
    writeFileSync(
      at("bootstrap.env"),
      renderBootstrapEnv({
        environment: "sandbox",
        region: "eu-central-1",
        role: "client",
        pool: "web",
        arch: "amd64",
        artefactBucket: "artefacts",
        bundleSha256: bundle.sha256,
        releasesKey: "releases/x.json",
        serverCount: 3,
        poolSecret: "sandbox/pool-web",
      }),
    );
    put(artefactKeys.bundle(bundle.sha256), bundle.bytes);
    for (const program of programs) put(key(program), content(program));
    put(
      "releases/x.json",
      JSON.stringify({ files: Object.fromEntries(programs.map((program) => [key(program), sha256(content(program))])) }),
    );
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  test("fetches, checks and installs everything of its role, and starts its units without waiting", () => {
    const { status, output, calls } = boot();
    expect([status, output]).toEqual([0, ""]);
    for (const program of programs) {
      expect(machineFile(`/opt/edge-fleet/bin/${program}`)).toBe(content(program));
      expect(statSync(at(`opt/upper/edge-fleet/bin/${program}`)).mode & 0o777).toBe(0o755);
    }
    const prefix = "roles/pool-web/root";
    for (const [path, { content: text }] of Object.entries(bundle.files))
      if (path.startsWith(`${prefix}/`)) expect(machineFile(path.slice(prefix.length))).toBe(text);
    expect(machineFile("/opt/edge-fleet/bundles/current/cluster.json")).toBe(bundle.files["cluster.json"]?.content);
    expect(calls.filter((line) => !line.startsWith("curl"))).toEqual([
      "systemd-sysusers /etc/sysusers.d/edge-fleet.conf",
      "systemd-tmpfiles --create /etc/tmpfiles.d/edge-fleet.conf",
      "systemctl daemon-reload",
      "systemctl --no-block enable --now edge-fleet-bootstrap.service edge-fleet-refresh.timer consul.service edge-fleet-agent.service edge-fleet-rejoin.path nomad.service traefik.service",
    ]);
    // Nothing is left over but what is installed.
    expect(readdirSync(at("opt/upper/edge-fleet")).sort()).toEqual(["bin", "bundles"]);
    expect(readdirSync(at("opt/upper/edge-fleet/bundles")).sort()).toEqual([bundle.sha256, "current"]);
  });

  test("is safe to run again: what is there and right is not fetched again, what is wrong is", () => {
    expect(boot().status).toBe(0);
    const again = boot();
    expect([again.status, again.requests.filter((line) => !line.includes("releases/x.json"))]).toEqual([0, []]);
    writeFileSync(at("opt/upper/edge-fleet/bin/nomad"), "half");
    const repaired = boot();
    expect(repaired.status).toBe(0);
    expect([...new Set(repaired.requests)]).toEqual(["GET /artefacts/releases/x.json", `GET /artefacts/${key("nomad")}`]);
    expect(machineFile("/opt/edge-fleet/bin/nomad")).toBe(content("nomad"));
  });

  test("outlasts a bucket that is overloaded", () => {
    const { status, requests } = boot({ FAILURES: "2" });
    expect(status).toBe(0);
    expect(requests.slice(0, 3)).toEqual(Array(3).fill(`GET /artefacts/${artefactKeys.bundle(bundle.sha256)}`));
  });

  test("no key and no token is ever an argument", () => {
    const { calls } = boot();
    expect(calls.filter((line) => line.startsWith("curl")).length).toBeGreaterThan(3);
    expect(calls.join("\n")).not.toMatch(/SESSION-TOKEN|AKIAEXAMPLE|SECRET|ROLE/);
  });

  test("refuses a bundle with another content than its name says", () => {
    put(artefactKeys.bundle(bundle.sha256), "something else");
    const { status, output, calls } = boot();
    expect(status).toBe(1);
    expect(output).toContain(
      `bundles/${bundle.sha256}.tar: wrong content, got sha256 ${sha256("something else")}; expected the hash in its name. Upload it again`,
    );
    expect(calls.filter((line) => line.startsWith("systemctl"))).toEqual([]);
    expect(readdirSync(at("opt/upper/edge-fleet/bundles"))).toEqual([]);
  });

  test("refuses a program with another content than the manifest says, and one that is not mirrored", () => {
    put(key("traefik"), "something else");
    const wrong = boot();
    expect(wrong.status).toBe(1);
    expect(wrong.output).toContain(
      "traefik: wrong content; expected the sha256 that releases/x.json says. Run `fleet releases mirror` again",
    );
    expect(existsSync(at("opt/upper/edge-fleet/bin/traefik"))).toBe(false);
    expect(wrong.calls.filter((line) => line.includes("enable"))).toEqual([]);

    put("releases/x.json", JSON.stringify({ files: { [key("node")]: "0" } }));
    const missing = boot();
    expect(missing.status).toBe(1);
    expect(missing.output).toContain(
      `${key("nomad")}: not mirrored, got 1 others; expected it in the releases manifest. Run \`fleet releases mirror\``,
    );
  });

  test("says so when the bundle knows no such role", () => {
    writeFileSync(at("bootstrap.env"), readFileSync(at("bootstrap.env"), "utf8").replace("POOL='web'", "POOL='none'"));
    const { status, output } = boot();
    expect(status).toBe(1);
    expect(output).toMatch(/roles\/pool-none: not in this bundle; expected one of: pool-web\npool-workers\nserver\. Check ROLE and POOL/);
  });
});
