import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface MachineFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  /** Names of users and groups. */
  readonly owner: string;
  readonly group: string;
}

/** The machine's files; tests put a folder of their own before every path, and their own ids. */
export interface Machine {
  /** Default "": the machine itself. */
  readonly root?: string;
  /** Numeric ids of an account. Default: from /etc/passwd and /etc/group. */
  readonly ids?: (owner: string, group: string) => Promise<{ readonly uid: number; readonly gid: number }>;
}

export async function readMachineFile(machine: Machine, path: string): Promise<string | undefined> {
  try {
    return await readFile(join(machine.root ?? "", path), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Writes what differs and returns the paths that changed. A file appears under its name with its whole content, its
 * owner and its mode: nobody ever reads half of it, and no other user could read it in between.
 */
export async function writeMachineFiles(machine: Machine, files: readonly MachineFile[]): Promise<string[]> {
  const ids = machine.ids ?? accountIds;
  const changed: string[] = [];
  for (const { path, content, mode, owner, group } of files) {
    const target = join(machine.root ?? "", path);
    const { uid, gid } = await ids(owner, group);
    if ((await readMachineFile(machine, path)) === content) {
      const now = await stat(target);
      if (now.uid === uid && now.gid === gid && (now.mode & 0o777) === mode) continue;
    } else changed.push(path);
    await mkdir(dirname(target), { recursive: true });
    // Beside it, because a rename must stay in one file system. The name is fixed, so that a crash leaves one file at most.
    const written = `${target}.new`;
    await rm(written, { force: true });
    await writeFile(written, content, { mode: 0o600, flag: "wx" });
    await chown(written, uid, gid);
    await chmod(written, mode);
    await rename(written, target);
  }
  return changed;
}

async function accountIds(owner: string, group: string): Promise<{ uid: number; gid: number }> {
  return { uid: await idIn("/etc/passwd", owner), gid: await idIn("/etc/group", group) };
}

async function idIn(file: string, name: string): Promise<number> {
  const line = (await readFile(file, "utf8")).split("\n").find((each) => each.startsWith(`${name}:`));
  const id = Number(line?.split(":")[2]);
  if (!Number.isInteger(id)) throw new Error(`${file}: no ${name}, got nothing; expected an account. Run the bundle's install.sh again`);
  return id;
}
