import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../host/folders.ts";
import { mountsBelow, overlay, unmountAll } from "../host/mounts.ts";
import { recordOf } from "../host/processes.ts";
import { run } from "../host/run.ts";
import { debianArchive, hostFetchSettings, hostSources, packageNames, proxyOf, sourcesList } from "./apt.ts";
import { installPackages } from "./chroot.ts";

export const suite = "trixie";

/** Raise it with a change of how a tree is made; the lists of packages count by themselves. */
const recipe = 1;

export type Progress = (line: string) => void;

const listFile = (name: string) => join(dirname(fileURLToPath(import.meta.url)), name);
const packages = () => readFileSync(listFile("packages.txt"), "utf8");
const cloudPackages = () => readFileSync(listFile("cloud-packages.txt"), "utf8");

function hash(...parts: string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([suite, process.arch, recipe, ...parts]))
    .digest("hex")
    .slice(0, 16);
}

/** Where the tree of all machines is or will be. */
export function treeFolder(): string {
  return join(cacheFolder(), `tree-${hash(packageNames(packages()).join(" "))}`);
}

/** Where the layer of the machine `cloud`, to be mounted above the tree, is or will be. */
export function cloudLayerFolder(): string {
  return join(cacheFolder(), `cloud-${hash(packageNames(packages()).join(" "), packageNames(cloudPackages()).join(" "))}`);
}

/** Makes Debian's tree for the machines if the cache has none. About a minute, and 400 MB. */
export async function ensureTree(onProgress: Progress): Promise<string> {
  return once(treeFolder(), async (partial) => {
    const archive = debianArchive(hostSources());
    const settings = await hostFetchSettings();
    const proxies = (["http", "https"] as const).flatMap((scheme) => {
      const proxy = proxyOf(settings, scheme);
      return proxy === undefined ? [] : [[`${scheme}_proxy`, proxy] as const];
    });
    onProgress(`machine tree: Debian ${suite} from ${archive.mirror}`);
    // Hosts older than the suite lack its script; all suites since 2014 share one.
    const script = existsSync(`/usr/share/debootstrap/scripts/${suite}`) ? [] : ["/usr/share/debootstrap/scripts/sid"];
    await run("debootstrap", ["--variant=minbase", suite, partial, archive.mirror, ...script], {
      env: Object.fromEntries(proxies),
      onLine: report(onProgress),
    });
    writeFileSync(join(partial, "etc/apt/sources.list"), sourcesList(archive, suite));
    const names = packageNames(packages());
    onProgress(`machine tree: ${names.length} packages and what they depend on`);
    await installPackages(partial, names, report(onProgress));
    await run("systemctl", [
      `--root=${partial}`,
      "enable",
      "systemd-networkd.service",
      "systemd-networkd-wait-online.service",
      "systemd-resolved.service",
    ]);
    // What each machine has its own of; an image for EC2 has neither.
    for (const file of ["etc/hostname", "var/lib/dbus/machine-id"]) rmSync(join(partial, file), { force: true });
    writeFileSync(join(partial, "etc/machine-id"), "");
    rmSync(join(partial, "etc/resolv.conf"), { force: true });
  });
}

/** Makes the layer of the machine `cloud` if the cache has none. */
export async function ensureCloudLayer(onProgress: Progress): Promise<string> {
  const tree = await ensureTree(onProgress);
  return once(cloudLayerFolder(), async (partial) => {
    const root = `${partial}.root`;
    const work = `${partial}.work`;
    for (const folder of [partial, root, work]) mkdirSync(folder, { recursive: true });
    onProgress("load balancer: packages of the machine `cloud`");
    try {
      await overlay({ lower: [tree], upper: partial, work, target: root });
      await installPackages(root, packageNames(cloudPackages()), report(onProgress));
    } finally {
      await unmountAll(root);
      for (const folder of [root, work]) rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** apt and debootstrap say far more than anybody reads: one line per step is enough. */
function report(onProgress: Progress): Progress {
  return (line) => {
    if (/^(I: (Retrieving|Extracting|Unpacking|Configuring) the base|I: (Unpacking|Configuring) the|I: Base system|Fetched )/.test(line))
      onProgress(line.replace(/^I: /, ""));
  };
}

/** Makes a folder of the cache whole or not at all: built beside its place, then renamed. */
async function once(folder: string, make: (partial: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  await removeStale(folder);
  const self = recordOf(process.pid);
  const partial = `${folder}.${process.pid}-${self?.startTime ?? 0}.partial`;
  try {
    await make(partial);
    if (!existsSync(folder)) renameSync(partial, folder);
    return folder;
  } finally {
    await removeTree(partial);
  }
}

/** Removes what builds that were killed have left: their process is in the name. */
async function removeStale(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const name of readdirSync(parent)) {
    const match = /\.(\d+)-(\d+)\.partial(\.(root|work))?$/.exec(name);
    if (match === null || !join(parent, name).startsWith(`${folder}.`)) continue;
    if (recordOf(Number(match[1]))?.startTime !== match[2]) await removeTree(join(parent, name));
  }
}

async function removeTree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  await unmountAll(folder);
  const still = mountsBelow(folder);
  if (still.length > 0) throw new Error(`${folder}: cannot be removed, got mounts at ${still.join(", ")}; expected none. Unmount them`);
  rmSync(folder, { recursive: true, force: true });
}
