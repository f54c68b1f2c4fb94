import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { App } from "cdktf";
import { describe, expect, test } from "vitest";
import { loadEnvironments } from "../../config/load.ts";
import { addEnvironment } from "../../stacks/environment.ts";
import { environmentNamed, locks, type SynthesisedStack, synthesiseEnvironment } from "../support/synth.ts";

const environments = loadEnvironments();
const sandbox = environmentNamed("sandbox");
/** Terraform would evaluate it. */
const asTemplate = `\${HOME} %{if}`;

/** Every file that a whole synth writes, by its path in the output folder. */
function synthToDisk(): Record<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), "edge-fleet-synth-"));
  try {
    const app = new App({ outdir });
    for (const environment of environments) addEnvironment(app, environment, locks);
    app.synth();
    const files = readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
      files.map(({ parentPath, name }) => [relative(outdir, join(parentPath, name)), readFileSync(join(parentPath, name), "base64")]),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** What changes with the bundle's or the user data's text has tests of its own; here it would only make noise. */
function settled(stacks: Readonly<Record<string, SynthesisedStack>>): string {
  return JSON.stringify(
    stacks,
    (name, value) => {
      if (name === "user_data") return "<user data>";
      return typeof value === "string"
        ? value.replace(/\b[0-9a-f]{64}\b/g, "<bundle>").replace(/releases\/[0-9a-f]{16}\./g, "releases/<versions>.")
        : value;
    },
    2,
  );
}

describe("environments", () => {
  test.each(environments)("$name: its stacks", async (environment) => {
    await expect(`${settled(synthesiseEnvironment(environment))}\n`).toMatchFileSnapshot(`../snapshots/${environment.name}.json`);
  });

  test("a synth is the same twice, file by file, with the bundle where Terraform looks for it", () => {
    const [one, other] = [synthToDisk(), synthToDisk()];
    expect(Object.keys(one).sort()).toEqual(Object.keys(other).sort());
    expect(Object.keys(one).filter((file) => one[file] !== other[file])).toEqual([]);
    for (const { name, regions } of environments)
      for (const region of Object.keys(regions)) {
        const stack = `stacks/${name}-platform-${region}`;
        const { resource } = JSON.parse(Buffer.from(one[`${stack}/cdk.tf.json`] ?? "", "base64").toString());
        const [object] = Object.values<{ key: string; source: string }>(resource.aws_s3_object);
        const bytes = Buffer.from(one[`${stack}/${object?.source}`] ?? "", "base64");
        expect(bytes.length).toBeGreaterThan(1000);
        expect(object?.key).toMatch(/^bundles\/[0-9a-f]{64}\.tar$/);
      }
  });

  test("nothing of a synth in memory stays on the disk", () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("edge-fleet-synth-"));
    synthesiseEnvironment(sandbox);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("edge-fleet-synth-"))).toEqual(before);
  });

  test("stacks are named so that a glob catches an environment, and keep stands outside it", () => {
    expect(Object.keys(synthesiseEnvironment(sandbox)).sort()).toEqual([
      "keep-sandbox-us-east-1",
      "sandbox-apps-us-east-1",
      "sandbox-base-us-east-1",
      "sandbox-platform-us-east-1",
    ]);
  });

  test("platform and apps come after base, side by side, and nothing after keep", () => {
    const outdir = mkdtempSync(join(tmpdir(), "edge-fleet-synth-"));
    try {
      const app = new App({ outdir });
      addEnvironment(app, sandbox, locks);
      app.synth();
      const { stacks } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
      expect(
        Object.fromEntries(Object.entries<{ dependencies: string[] }>(stacks).map(([id, { dependencies }]) => [id, dependencies])),
      ).toEqual({
        "keep-sandbox-us-east-1": [],
        "sandbox-base-us-east-1": [],
        "sandbox-platform-us-east-1": ["sandbox-base-us-east-1"],
        "sandbox-apps-us-east-1": ["sandbox-base-us-east-1"],
      });
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });

  test("every stack works in its own account only, tags what it makes and locks its state", () => {
    for (const [id, { provider, terraform }] of Object.entries(synthesiseEnvironment(sandbox))) {
      const stack = id.split("-").find((word) => ["keep", "base", "platform", "apps"].includes(word));
      expect(provider.aws).toEqual([
        {
          region: "us-east-1",
          allowed_account_ids: ["000000000000"],
          max_retries: 2,
          s3_use_path_style: true,
          default_tags: [{ tags: { environment: "sandbox", stack, region: "us-east-1", "managed-by": "edge-fleet" } }],
        },
      ]);
      expect(terraform).toMatchObject({
        required_version: ">= 1.10.0",
        backend: {
          s3: {
            bucket: "sandbox-us-east-1-state-000000000000",
            key: `sandbox/${stack}/us-east-1.tfstate`,
            region: "us-east-1",
            encrypt: true,
            use_lockfile: true,
            use_path_style: true,
          },
        },
      });
    }
  });

  test("an environment without API settings gets AWS's own", () => {
    const { api: _, ...plain } = sandbox;
    for (const { provider } of Object.values(synthesiseEnvironment(plain)))
      expect(provider.aws).toMatchObject([{ max_retries: 25, s3_use_path_style: false }]);
  });

  test("a local state has one place, written without the machine's own path, for the stack and for those that read it", () => {
    const stacks = synthesiseEnvironment({ ...sandbox, state: { kind: "local", folder: "states" } });
    const paths = Object.values(stacks).map(({ terraform }) => (terraform.backend as { local: { path: string } }).local.path);
    for (const path of paths) expect(path).toMatch(/^(\.\.\/)+.*states\/sandbox\/(keep|base|platform|apps)\/us-east-1\.tfstate$/);
    const read = Object.values(stacks["sandbox-platform-us-east-1"]?.data.terraform_remote_state ?? {});
    expect(read.map(({ config }) => (config as { path: string }).path)).toEqual(paths.filter((path) => path.includes("/base/")));
    expect(existsSync("states")).toBe(false);
  });

  test("an app is declared as agents read it, with values that Terraform takes as they are", () => {
    const stacks = synthesiseEnvironment({
      ...sandbox,
      apps: {
        hello: {
          pool: "web",
          routes: ["hello.apps.localhost"],
          memory: "64 MB",
          requestTimeout: "1 second",
          concurrency: 16,
          outboundHosts: ["api.example.com"],
          env: { GREETING: asTemplate },
        },
      },
    });
    const [object] = Object.values(stacks["sandbox-apps-us-east-1"]?.resource.aws_s3_object ?? {});
    expect(object).toMatchObject({
      bucket: "sandbox-us-east-1-artefacts-000000000000",
      key: "apps/hello/app.json",
      content_type: "application/json",
    });
    const content = String(object?.content).replaceAll("$${", "${").replaceAll("%%{", "%{");
    expect(String(object?.content)).not.toMatch(/[^$]\$\{|[^%]%\{/);
    expect(JSON.parse(content)).toEqual({
      name: "hello",
      pool: "web",
      routes: ["hello.apps.localhost"],
      memoryMb: 64,
      requestTimeoutMs: 1000,
      concurrency: 16,
      outboundHosts: ["api.example.com"],
      env: { GREETING: asTemplate },
    });
  });
});
