import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";

/** True if something takes connections on the host's loopback address. */
export function canConnect(port: number, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

export interface Listener {
  /** Undefined if the process is another user's. */
  readonly pid: number | undefined;
  readonly command: string;
}

/** Who listens at a port of the loopback address or of all addresses; undefined if nobody does. */
export function listenerOf(port: number): Listener | undefined {
  const inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => listeningInodes(file, port));
  if (inodes.length === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (socketsOf(pid).some((inode) => inodes.includes(inode))) return { pid: Number(pid), command: commandOf(pid) };
  }
  return { pid: undefined, command: "" };
}

function listeningInodes(file: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => {
      const [address, number] = (local ?? "").split(":");
      // 0A is LISTEN; loopback or any address, of either version.
      return (
        state === "0A" &&
        number === wanted &&
        (address === "0100007F" || /^0+$/.test(address ?? "") || /01000000$|0100007F$/.test(address ?? ""))
      );
    })
    .map((fields) => fields[9] ?? "");
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "a program";
  }
}
