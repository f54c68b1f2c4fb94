import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mirrorVariable, terraformCliConfig } from "../../sandbox/terraform-config.ts";

const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

let home: string;
let mirror: string;
/** No mirror of the machine that runs the tests may come before the named one. */
let variables: Record<string, string>;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "edge-fleet-terraform-"));
  mirror = join(home, "mirror");
  variables = { HOME: home, XDG_DATA_DIRS: join(home, "data"), [mirrorVariable]: mirror };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const addUnpacked = (folder: string, name: string, on = platform) =>
  mkdirSync(join(folder, "registry.terraform.io/hashicorp", name, "1.2.3", on), { recursive: true });
function addPacked(folder: string, name: string): void {
  const provider = join(folder, "registry.terraform.io/hashicorp", name);
  mkdirSync(provider, { recursive: true });
  writeFileSync(join(provider, `terraform-provider-${name}_1.2.3_${platform}.zip`), "");
}
/** The part about one mirror. */
const part = (config: string, folder: string): string | undefined =>
  config.split("filesystem_mirror").find((text) => text.includes(`path    = "${folder}"`));

describe("Terraform's CLI configuration", () => {
  it("takes providers from a mirror, in both layouts, and the others from their registry", () => {
    addUnpacked(mirror, "aws");
    addPacked(mirror, "random");
    addUnpacked(mirror, "foreign", "plan9_amd64");
    const config = terraformCliConfig(variables);
    expect(part(config, mirror)).toContain('include = ["registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/random"]');
    expect(config).toMatch(/direct \{\n {4}exclude = \[.*"registry\.terraform\.io\/hashicorp\/aws".*\]/);
    expect(config).not.toContain("foreign");
  });

  it("looks into Terraform's own folders, and takes a provider from one place only", () => {
    addUnpacked(mirror, "aws");
    const implied = join(home, ".terraform.d/plugins");
    addUnpacked(implied, "aws");
    addUnpacked(implied, "null");
    const config = terraformCliConfig(variables);
    expect(part(config, implied)).toContain('include = ["registry.terraform.io/hashicorp/null"]');
    expect(part(config, mirror)).toContain('include = ["registry.terraform.io/hashicorp/aws"]');
  });

  it("keeps the user's own configuration", () => {
    addUnpacked(mirror, "aws");
    writeFileSync(join(home, ".terraformrc"), 'plugin_cache_dir = "/cache"\n');
    expect(terraformCliConfig(variables)).toMatch(/^plugin_cache_dir = "\/cache"\n\nprovider_installation \{/);
    const own = "provider_installation {\n  direct {}\n}\n";
    writeFileSync(join(home, "own.tfrc"), own);
    expect(terraformCliConfig({ ...variables, TF_CLI_CONFIG_FILE: join(home, "own.tfrc") })).toBe(own);
  });

  it("is not stopped by a configuration file that does not exist", () => {
    addUnpacked(mirror, "aws");
    expect(part(terraformCliConfig({ ...variables, TF_CLI_CONFIG_FILE: join(home, "missing") }), mirror)).toBeDefined();
  });
});
