import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { afterAll, expect, test } from "vitest";
import { loadEnvironments } from "../../config/load.ts";
import { addEnvironment } from "../../stacks/environment.ts";
import { startTestEmulator } from "../support/emulator.ts";
import { locks } from "../support/synth.ts";
import { TestTerraform } from "../support/terraform.ts";

const folder = mkdtempSync(join(tmpdir(), "edge-fleet-validate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The sandbox is applied whole by `npm run test:deploy`; what is never applied here can at least be validated.
const neverApplied = loadEnvironments().filter(({ name }) => name !== "sandbox");

test.each(neverApplied)(
  "Terraform takes every stack of $name for valid",
  async (environment) => {
    const emulator = await startTestEmulator("apply");
    const app = new App({ outdir: folder });
    addEnvironment(app, environment, locks);
    app.synth();
    const stacks = readdirSync(join(folder, "stacks"));
    expect(stacks).toHaveLength(4);
    for (const stack of stacks) {
      const terraform = new TestTerraform(join(folder, "stacks", stack), emulator);
      expect(await terraform.run(["init", "-backend=false", "-input=false", "-no-color"])).toMatchObject({ code: 0 });
      expect(await terraform.run(["validate", "-no-color"])).toEqual({
        code: 0,
        output: expect.stringContaining("The configuration is valid."),
      });
    }
  },
  180_000,
);
