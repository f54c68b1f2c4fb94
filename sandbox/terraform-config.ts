import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Folders that may hold a mirror of providers. First what the user says, then Terraform's own implied mirrors (an
 * explicit configuration switches those off), then the folders for optional software.
 */
export function mirrorCandidates(env: Readonly<Record<string, string | undefined>> = process.env, home = homedir()): string[] {
  const dataHome = env.XDG_DATA_HOME ?? join(home, ".local/share");
  const dataDirs = (env.XDG_DATA_DIRS ?? "/usr/local/share:/usr/share").split(":").filter((folder) => folder !== "");
  return [
    ...(env.TF_PLUGIN_MIRROR === undefined ? [] : [env.TF_PLUGIN_MIRROR]),
    join(home, ".terraform.d/plugins"),
    join(dataHome, "terraform/plugins"),
    ...dataDirs.map((folder) => join(folder, "terraform/plugins")),
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    ...subfolders("/opt").map((name) => join("/opt", name)),
  ].filter((folder, index, all) => all.indexOf(folder) === index);
}

/** The first folder that holds the AWS provider; undefined where Terraform has to fetch it. */
export function findMirror(candidates: readonly string[]): string | undefined {
  return candidates.find((folder) => existsSync(join(folder, "registry.terraform.io/hashicorp/aws")));
}

/** Providers (`host/namespace/type`) that a mirror holds. */
export function mirroredProviders(mirror: string): string[] {
  return subfolders(mirror).flatMap((host) =>
    subfolders(join(mirror, host)).flatMap((namespace) => subfolders(join(mirror, host, namespace)).map((type) => `${host}/${namespace}/${type}`)),
  );
}

/** Terraform's CLI configuration: mirrored providers from the mirror and only from there, all others from their registry. */
export function renderTerraformConfig(mirror: string | undefined, providers: readonly string[]): string {
  if (mirror === undefined) return "provider_installation {\n  direct {}\n}\n";
  const list = `[${providers.map((name) => JSON.stringify(name)).join(", ")}]`;
  return [
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(mirror)}`,
    `    include = ${list}`,
    "  }",
    "  direct {",
    `    exclude = ${list}`,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** Writes the configuration into the state folder and returns its path. */
export function writeTerraformConfig(stateFolder: string): string {
  const mirror = findMirror(mirrorCandidates());
  const text = renderTerraformConfig(mirror, mirror === undefined ? [] : mirroredProviders(mirror));
  const file = join(stateFolder, "terraform.tfrc");
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
  return file;
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
