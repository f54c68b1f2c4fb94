import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

type Variables = Readonly<Record<string, string | undefined>>;

/** Variable that names a mirror folder which is found nowhere else. */
export const mirrorVariable = "FLEET_TERRAFORM_MIRROR";

/**
 * Text of a Terraform CLI configuration that installs providers from the mirror folders of this machine and fetches only
 * what they lack: Terraform would ask the registry for each provider otherwise, and fail without internet.
 *
 * The user's own configuration is kept: whole when it says how providers are installed, else with the mirrors added.
 */
export function terraformCliConfig(variables: Variables = process.env): string {
  const own = userConfig(variables);
  if (/^\s*provider_installation\b/m.test(own)) return own;

  const seen = new Set<string>();
  const mirrors: string[] = [];
  for (const folder of mirrorFolders(variables)) {
    const providers = providersIn(folder).filter((provider) => !seen.has(provider));
    for (const provider of providers) seen.add(provider);
    if (providers.length > 0) mirrors.push(`  filesystem_mirror {\n    path    = ${quote(folder)}\n    include = ${list(providers)}\n  }`);
  }
  if (mirrors.length === 0) return own;
  const direct = `  direct {\n    exclude = ${list([...seen])}\n  }`;
  return `${own === "" ? "" : `${own.trimEnd()}\n\n`}provider_installation {\n${[...mirrors, direct].join("\n")}\n}\n`;
}

/**
 * Where mirrors may lie: the named one, the folders that Terraform itself looks into
 * (https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories), and those
 * one level below /opt, where images with providers built in have them.
 */
function mirrorFolders(variables: Variables): string[] {
  const home = variables.HOME || homedir();
  const dataFolders = [
    variables.XDG_DATA_HOME || join(home, ".local/share"),
    ...(variables.XDG_DATA_DIRS || "/usr/local/share:/usr/share").split(":"),
  ];
  const named = variables[mirrorVariable];
  return [
    ...(named ? [named] : []),
    join(home, ".terraform.d/plugins"),
    ...(process.platform === "darwin" ? [join(home, "Library/Application Support/io.terraform/plugins")] : []),
    ...dataFolders.map((folder) => join(folder, "terraform/plugins")),
    ...names("/opt").map((name) => join("/opt", name)),
  ].filter((folder) => existsSync(folder));
}

/** Providers of a mirror, `<host>/<namespace>/<name>`, that have this machine's platform in either of the two layouts. */
function providersIn(mirror: string): string[] {
  const found: string[] = [];
  for (const host of names(mirror).filter((name) => name.includes("."))) {
    for (const namespace of names(join(mirror, host))) {
      for (const name of names(join(mirror, host, namespace))) {
        if (hasPlatform(join(mirror, host, namespace, name))) found.push(`${host}/${namespace}/${name}`);
      }
    }
  }
  return found;
}

function hasPlatform(provider: string): boolean {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const platform = `${process.platform}_${architecture}`;
  return names(provider).some((entry) => entry.endsWith(`_${platform}.zip`) || existsSync(join(provider, entry, platform)));
}

function names(folder: string): string[] {
  try {
    return statSync(folder).isDirectory() ? readdirSync(folder).sort() : [];
  } catch {
    return [];
  }
}

/** `TF_CLI_CONFIG_FILE` may name a file that does not exist; Terraform then has no configuration at all. */
function userConfig(variables: Variables): string {
  const file = variables.TF_CLI_CONFIG_FILE || join(variables.HOME || homedir(), ".terraformrc");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

const quote = (text: string): string => JSON.stringify(text);
const list = (texts: readonly string[]): string => `[${texts.map(quote).join(", ")}]`;
