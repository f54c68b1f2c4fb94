import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { releases } from "../config/locks/releases.ts";
import { type PublishedPorts, publishedPorts } from "./addresses.ts";
import { hostArchitecture, programPath } from "./agents/programs.ts";
import { sandboxStateFolder } from "./host/folders.ts";
import { overlay, unmountAll } from "./host/mounts.ts";
import { listenerOf } from "./host/ports.ts";
import { hasProgram, run } from "./host/run.ts";
import { otherSandbox, otherSandboxProblem } from "./host-claim.ts";
import { cloudLayerFolder } from "./machines/tree.ts";

interface HostProgram {
  /** Looked for in PATH. */
  readonly program: string;
  /** Debian's and Ubuntu's package. */
  readonly package: string;
  readonly purpose: string;
}

/** What the host must have; apt installs what is missing. */
const hostPrograms: readonly HostProgram[] = [
  { program: "systemd-nspawn", package: "systemd-container", purpose: "machines" },
  { program: "systemd-socket-activate", package: "systemd", purpose: "published ports" },
  { program: "ip", package: "iproute2", purpose: "network" },
  { program: "nsenter", package: "util-linux", purpose: "network" },
];

/** Only to make the machines' tree. */
const treePrograms: readonly HostProgram[] = [{ program: "debootstrap", package: "debootstrap", purpose: "the machines' tree" }];

const keyring = { file: "/usr/share/keyrings/debian-archive-keyring.gpg", package: "debian-archive-keyring" };

/** Everything that keeps the sandbox from running on this machine, one sentence each. Changes nothing. */
export async function hostProblems(): Promise<string[]> {
  const platform = platformProblems(process.platform, process.getuid?.());
  if (process.platform !== "linux") return platform;
  const other = otherSandbox(sandboxStateFolder());
  if (other !== undefined) return [...platform, otherSandboxProblem(other)];
  // Programs, cache and mounts are root's to see; ports are anyone's.
  if (platform.length > 0) return [...platform, ...portProblems()];
  const missing = await missingPackages();
  const canInstall = await hasProgram("apt-get");
  return [
    ...(missing.length > 0 && !canInstall
      ? [`packages: missing, got no ${missing.join(", ")}; expected them on this machine. Install what contains them`]
      : []),
    ...(await Promise.all([pythonProblems(), buildToolProblems(), portProblems(), overlayProblems()])).flat(),
  ];
}

/** The sandbox mounts, enters namespaces and boots machines: it takes Linux and root. */
export function platformProblems(platform: string, uid: number | undefined): string[] {
  if (platform !== "linux")
    return [`operating system: no machines can boot here, got ${platform}; expected linux. Use a Linux machine, a virtual one is enough`];
  if (uid !== 0) return [`user: no root, got user id ${uid}; expected 0. Run it by \`sudo --preserve-env=PATH\`, or as root`];
  return [];
}

/** Packages of the host that are missing. */
async function missingPackages(): Promise<string[]> {
  const wanted = existsSync(cloudLayerFolder()) ? hostPrograms : [...hostPrograms, ...treePrograms];
  const found = await Promise.all(wanted.map(({ program }) => hasProgram(program)));
  const packages = wanted.filter((_, index) => found[index] === false).map((each) => each.package);
  if (!existsSync(cloudLayerFolder()) && !existsSync(keyring.file)) packages.push(keyring.package);
  return [...new Set(packages)];
}

let installing: Promise<void> | undefined;

/** Installs by apt what hostProblems() lets pass because apt has it. Asked twice at once, it runs once. */
export function installMissing(onProgress: (line: string) => void): Promise<void> {
  installing ??= install(onProgress).finally(() => {
    installing = undefined;
  });
  return installing;
}

async function install(onProgress: (line: string) => void): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  onProgress(`install by apt: ${missing.join(", ")}`);
  const apt = (...args: string[]) =>
    run("apt-get", ["-q", "-y", "-o", "DPkg::Lock::Timeout=120", ...args], { env: { DEBIAN_FRONTEND: "noninteractive" } });
  await apt("update");
  await apt("install", "--no-install-recommends", ...missing);
}

async function pythonProblems(): Promise<string[]> {
  if (!(await hasProgram("python3")))
    return ["python3: missing, got none in PATH; expected 3.11 or newer for the emulator. Install python3 and python3-venv"];
  const { code } = await run("python3", ["-c", "import venv, ensurepip"], { allowedCodes: [0, 1] });
  return code === 0 ? [] : ["python3: has no venv module, got an import error; expected `venv` and `ensurepip`. Install python3-venv"];
}

/** Only what is really to be built: a filled cache needs no compiler. */
async function buildToolProblems(): Promise<string[]> {
  const problems: string[] = [];
  const arch = hostArchitecture();
  const toBuild = (["consul", "nomad", "traefik"] as const).filter((name) => !existsSync(programPath(name, arch)));
  const fromSource = toBuild.filter((name) => releases[name].files[arch].sha256 === null);
  if (fromSource.length > 0 && !(await hasProgram("go")))
    problems.push(
      `go: missing, got none in PATH; expected 1.22 or newer to build ${fromSource.join(", ")}, whose release has no checksum in the lock. Install Go from https://go.dev/dl`,
    );
  if (!(await hasProgram("cargo")))
    problems.push("cargo: missing, got none in PATH; expected Rust 1.95 or newer to build the app host. Install it by https://rustup.rs");
  return problems;
}

/** Ports that are none, the same for both, or another program's. */
export function portProblems(): string[] {
  let ports: PublishedPorts;
  try {
    ports = publishedPorts();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  if (ports.api === ports.http)
    return [
      `FLEET_SANDBOX_HTTP_PORT: the API's port as well, got ${ports.http} for both; expected two ports. Set it or FLEET_SANDBOX_API_PORT to another one`,
    ];
  const named = [
    { port: ports.api, variable: "FLEET_SANDBOX_API_PORT", name: "api" },
    { port: ports.http, variable: "FLEET_SANDBOX_HTTP_PORT", name: "http" },
  ];
  return named.flatMap(({ port, variable, name }) => {
    const listener = listenerOf(port);
    if (listener === undefined || isOwn(name, listener.pid)) return [];
    const who = listener.pid === undefined ? "another program" : `${listener.command} (process ${listener.pid})`;
    return [`port ${port} of 127.0.0.1: taken, got ${who}; expected it free. End that program, or set ${variable} to another port`];
  });
}

/** The forwarder of a sandbox that runs has the port by right. */
function isOwn(name: string, pid: number | undefined): boolean {
  try {
    const record = JSON.parse(readFileSync(join(sandboxStateFolder(), "forwarders", `${name}.json`), "utf8")) as { pid: number };
    return record.pid === pid;
  } catch {
    return false;
  }
}

/** Containers often have a root that no overlay can lie on; a try says it best. */
async function overlayProblems(): Promise<string[]> {
  const state = sandboxStateFolder();
  if (existsSync(state)) return [];
  let existing = state;
  while (!existsSync(existing)) existing = dirname(existing);
  let trial: string;
  try {
    trial = mkdtempSync(join(existing, ".edge-fleet-overlay-"));
  } catch {
    return []; // Not writable: that is told for the whole state folder.
  }
  try {
    const folders = ["lower", "upper", "work", "root"].map((name) => join(trial, name)) as [string, string, string, string];
    for (const folder of folders) mkdirSync(folder);
    const [lower, upper, work, target] = folders;
    await overlay({ lower: [lower], upper, work, target });
    return [];
  } catch (error) {
    const text = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return [
      `${state}: cannot hold machines, got "${text}"; expected a file system that an overlay can lie on. Set EDGE_FLEET_STATE to a folder on ext4, xfs or btrfs`,
    ];
  } finally {
    await unmountAll(trial);
    rmSync(trial, { recursive: true, force: true });
  }
}
