import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endProcess, isAlive, type ProcessRecord } from "../host/processes.ts";
import { emulatedImages } from "./images.ts";
import { emulatorFolder, installEmulator } from "./install.ts";

export interface EmulatorProps {
  /** Address it listens on. */
  readonly address: string;
  /** Port it listens on; 0 takes any free one. */
  readonly port: number;
  /** Network namespace it lives in, by its name below /run/netns. Default: the caller's. Needs root. */
  readonly namespace?: string;
  /** Its own folder: log, credentials, recorded calls, large objects. Made here, removed by `stopEmulator`. */
  readonly stateFolder: string;
  /** Process with which the emulator ends, and its folder with it. Default: none, it runs until `stopEmulator`. */
  readonly follow?: number;
  /** Fixes to leave out, or "all": only tests of the fixes want that. Default: none. */
  readonly without?: readonly string[];
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A running emulator. */
export interface Emulator {
  /** As seen from where it listens, e.g. `http://127.0.0.1:5000`. */
  readonly endpoint: string;
  readonly process: ProcessRecord;
  /** Emulated IAM user that may do everything: who runs Terraform. */
  readonly deployer: AccessKey;
  /** AWS itself: may assume the roles that EC2 may, to hand their credentials to machines. */
  readonly region: AccessKey;
  /** JSON lines, one per call; see calls.ts. */
  readonly callsFile: string;
  readonly logFile: string;
}

/** Exit code of server.py when another one has the state folder. */
const alreadyRunning = 3;
/** Python and moto start in 2 s on an idle machine; the rest is for a busy one. */
const patienceMs = 60_000;

const files = (stateFolder: string) => ({
  ready: join(stateFolder, "ready.json"),
  process: join(stateFolder, "process.json"),
  credentials: join(stateFolder, "credentials.json"),
  calls: join(stateFolder, "calls.jsonl"),
  log: join(stateFolder, "emulator.log"),
  images: join(stateFolder, "images.json"),
});

/**
 * Starts the emulator, detached: it outlives the caller. Returns the running one where the folder has one, so it may be
 * called again. Resolves when it has answered a request; access control is on from the first one.
 */
export async function startEmulator(props: EmulatorProps): Promise<Emulator> {
  const running = findEmulator(props.stateFolder);
  if (running !== undefined) return running;
  const python = await installEmulator();

  const file = files(props.stateFolder);
  mkdirSync(props.stateFolder, { recursive: true, mode: 0o700 });
  writeFileSync(file.images, JSON.stringify(emulatedImages()), { mode: 0o600 });
  const args = ["-B", join(emulatorFolder, "server.py"), "--address", props.address, "--port", String(props.port)];
  args.push("--state", props.stateFolder, "--images", file.images, "--without", (props.without ?? []).join(","));
  if (props.follow !== undefined) args.push("--follow", String(props.follow));
  const command =
    props.namespace === undefined ? [python, ...args] : ["nsenter", `--net=/run/netns/${props.namespace}`, "--", python, ...args];

  const log = openSync(file.log, "a", 0o600);
  const child = spawn(command[0] as string, command.slice(1), { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let ended: string | undefined;
  let lostTheRace = false;
  child.on("error", (error) => {
    ended = error.message;
  });
  child.on("exit", (code, signal) => {
    if (code === alreadyRunning) lostTheRace = true;
    else ended = `exit ${code ?? signal}`;
  });
  child.unref();

  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const started = findEmulator(props.stateFolder);
    if (started !== undefined && (lostTheRace || started.process.pid === child.pid)) return started;
    if (ended !== undefined || Date.now() > giveUpAt) {
      const problem = ended ?? `no answer in ${patienceMs / 1000} s`;
      if (ended === undefined) child.kill("SIGKILL");
      const text = existsSync(file.log) ? readFileSync(file.log, "utf8").trim().split("\n").slice(-15).join("\n") : "";
      throw new Error(
        `emulator: did not start on ${props.address}:${props.port}, got ${problem}; expected an answer. Last lines of ${file.log}:\n${text}`,
      );
    }
    await delay(20);
  }
}

/** The running emulator of a state folder; undefined when there is none. */
export function findEmulator(stateFolder: string): Emulator | undefined {
  const file = files(stateFolder);
  const ready = readJson<{ endpoint: string; process: ProcessRecord }>(file.ready);
  if (ready === undefined || !isAlive(ready.process)) return undefined;
  const credentials = readJson<Pick<Emulator, "deployer" | "region">>(file.credentials);
  if (credentials === undefined) return undefined;
  return { ...ready, ...credentials, callsFile: file.calls, logFile: file.log };
}

/** Ends the emulator of a state folder, ready or not, and removes the folder. Nothing happens when there is none. */
export async function stopEmulator(stateFolder: string): Promise<void> {
  const record = readJson<ProcessRecord>(files(stateFolder).process);
  if (record !== undefined) await endProcess(record, 5_000);
  rmSync(stateFolder, { recursive: true, force: true });
}

function readJson<T>(file: string): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : undefined;
}
