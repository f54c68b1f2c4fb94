import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../host/folders.ts";
import { isAlive, recordOf } from "../host/processes.ts";
import { hasProgram, run } from "../host/run.ts";

export const emulatorFolder = fileURLToPath(new URL(".", import.meta.url));

/** The pinned packages were resolved for it. */
const oldestPython = [3, 11] as const;
const pythonCommands = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/**
 * Installs the emulator's packages into the cache, each checked against its pinned hash, and returns the Python that has
 * them. The folder is named by the requirements, so a change of them makes a new one and nothing is ever upgraded in place.
 */
export async function installEmulator(onProgress: (text: string) => void = () => {}): Promise<string> {
  const requirements = join(emulatorFolder, "requirements.txt");
  const { command, version } = await findPython();
  const hash = createHash("sha256").update(readFileSync(requirements)).update(version).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), "emulator", hash);
  const python = join(folder, "bin", "python");
  if (existsSync(python)) return python;

  // Made beside its place and renamed when complete, so a killed run leaves nothing that looks installed. An environment's
  // Python finds its packages from where it lies; only the scripts beside it, unused here, would still name the old path.
  removeAbandoned(folder);
  const partial = `${folder}.${process.pid}.${recordOf(process.pid)?.startTime}.${randomUUID()}`;
  try {
    onProgress("making a Python environment");
    mkdirSync(dirname(folder), { recursive: true });
    await run(command, ["-m", "venv", partial]).catch((error: Error) => {
      throw new Error(`${error.message}\nInstall Python's venv module (Debian, Ubuntu: apt-get install python3-venv)`);
    });
    onProgress("installing moto");
    const options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"];
    await run(join(partial, "bin", "python"), ["-m", "pip", "install", ...options, "-r", requirements]);
    try {
      renameSync(partial, folder);
    } catch (error) {
      // Somebody else was faster: theirs is as good.
      if (!existsSync(python)) throw error;
    }
    return python;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function removeAbandoned(folder: string): void {
  const parent = dirname(folder);
  if (!existsSync(parent)) return;
  for (const entry of readdirSync(parent)) {
    const [, pid, startTime] = entry.match(/^[0-9a-f]{16}\.(\d+)\.(\d+)\./) ?? [];
    if (pid === undefined || startTime === undefined || !entry.startsWith(basename(folder))) continue;
    if (!isAlive({ pid: Number(pid), startTime })) rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

async function findPython(): Promise<{ command: string; version: string }> {
  const seen: string[] = [];
  for (const command of pythonCommands) {
    if (!(await hasProgram(command))) continue;
    const { code, stdout } = await run(command, ["-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))"], {
      allowedCodes: [0, 1, 127],
    });
    if (code !== 0) continue;
    const version = stdout.trim();
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major === oldestPython[0] && minor >= oldestPython[1]) return { command, version };
    seen.push(`${command} ${version}`);
  }
  throw new Error(
    `python3: too old or missing, got ${seen.join(", ") || "none"}; expected ${oldestPython.join(".")} or later. Install it (Debian, Ubuntu: apt-get install python3 python3-venv)`,
  );
}
