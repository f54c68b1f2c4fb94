import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = "/sys/fs/cgroup";
const parent = "edge-fleet";

/**
 * Control groups of one machine. Without groups of their own, all machines' systemds would share one and end each
 * other's services. Version 2 has one hierarchy, version 1 one per controller; a host may have both.
 */
export function createCgroups(machine: string): string[] {
  return hierarchies().map((hierarchy) => {
    const folder = join(hierarchy, parent, machine);
    for (const each of [dirname(folder), folder]) {
      if (!existsSync(each)) mkdirSync(each);
      inherit(each);
    }
    return folder;
  });
}

/** Processes of a machine, all of them: whatever a machine starts stays in its groups. */
export function processesIn(machine: string): number[] {
  const ids = hierarchies().flatMap((hierarchy) => below(join(hierarchy, parent, machine)).flatMap((folder) => processIds(folder)));
  return [...new Set(ids)];
}

/** Machines that have groups, of this run or of one that crashed. */
export function machinesWithCgroups(): string[] {
  const names = hierarchies().flatMap((hierarchy) => subfolders(join(hierarchy, parent)));
  return [...new Set(names)];
}

/** Removes a machine's groups. Its processes must have ended. */
export function removeCgroups(machine: string): void {
  for (const hierarchy of hierarchies()) {
    for (const folder of below(join(hierarchy, parent, machine)).reverse()) rmdirSync(folder);
  }
}

/** Removes what all machines shared. Fails while there is a machine. */
export function removeCgroupParents(): void {
  for (const hierarchy of hierarchies()) {
    if (existsSync(join(hierarchy, parent))) rmdirSync(join(hierarchy, parent));
  }
}

function hierarchies(): string[] {
  if (existsSync(join(root, "cgroup.controllers"))) return [root];
  return subfolders(root)
    .map((name) => join(root, name))
    .filter((folder) => existsSync(join(folder, "cgroup.procs")) && statSync(folder).isDirectory())
    .filter((folder, index, all) => all.findIndex((other) => statSync(other).dev === statSync(folder).dev) === index);
}

/** What a new group needs before it takes processes or groups. */
function inherit(folder: string): void {
  const above = dirname(folder);
  // Version 2: a group has only the controllers that the one above hands down.
  const controllers = join(above, "cgroup.controllers");
  if (existsSync(controllers)) {
    const names = readFileSync(controllers, "utf8")
      .trim()
      .split(" ")
      .filter((name) => name !== "");
    for (const name of names) tryWrite(join(above, "cgroup.subtree_control"), `+${name}`);
  }
  // Version 1: a new cpuset is empty and takes no process.
  for (const name of ["cpuset.cpus", "cpuset.mems"]) {
    const file = join(folder, name);
    if (existsSync(file) && readFileSync(file, "utf8").trim() === "") writeFileSync(file, readFileSync(join(above, name), "utf8"));
  }
}

/** A controller that cannot be handed down (cpu with real-time processes) is not worth failing for. */
function tryWrite(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch {
    // The machine runs without this controller.
  }
}

function processIds(folder: string): number[] {
  try {
    return readFileSync(join(folder, "cgroup.procs"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
  } catch {
    return [];
  }
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** A group and all groups below it, outer ones first. */
function below(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return [folder, ...subfolders(folder).flatMap((name) => below(join(folder, name)))];
}
