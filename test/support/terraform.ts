import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Emulator } from "../../sandbox/emulator/emulator.ts";
import { terraformCliConfig } from "../../sandbox/terraform-config.ts";
import { programEnvironment } from "./emulator.ts";

export interface TerraformRun {
  readonly code: number;
  /** Both outputs, as they came. */
  readonly output: string;
}

/** Runs Terraform in one folder against one emulator. */
export class TestTerraform {
  readonly #folder: string;
  readonly #environment: Record<string, string | undefined>;

  constructor(folder: string, emulator: Emulator) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    const configFile = join(folder, "terraform-cli.hcl");
    writeFileSync(configFile, terraformCliConfig());
    this.#environment = {
      ...process.env,
      ...programEnvironment(emulator),
      TF_CLI_CONFIG_FILE: configFile,
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      // The provider allocates much at its start: a quarter less CPU for some memory.
      GOGC: "400",
    };
  }

  init = () => this.#must(["init", "-input=false", "-no-color"]);
  validate = () => this.#must(["validate", "-no-color"]);
  apply = () => this.#must(["apply", "-input=false", "-auto-approve", "-no-color", "-parallelism=30"]);
  destroy = () => this.#must(["destroy", "-input=false", "-auto-approve", "-no-color", "-parallelism=30"]);

  /** A plan; `code` is 0 when nothing would change, 2 when something would, 1 when it failed. */
  plan = () => this.run(["plan", "-input=false", "-no-color", "-detailed-exitcode"]);

  /** Values of the outputs. */
  async outputs(): Promise<Record<string, unknown>> {
    const { output } = await this.#must(["output", "-json"]);
    const parsed = JSON.parse(output) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(parsed).map(([name, { value }]) => [name, value]));
  }

  run(args: readonly string[]): Promise<TerraformRun> {
    return new Promise((resolve, reject) => {
      const program = process.env.TERRAFORM_BINARY_NAME || "terraform";
      const child = spawn(program, args, { cwd: this.#folder, env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? 1, output }));
    });
  }

  async #must(args: readonly string[]): Promise<TerraformRun> {
    const result = await this.run(args);
    if (result.code !== 0) throw new Error(`terraform ${args[0]}: exit ${result.code}\n${result.output}`);
    return result;
  }
}
