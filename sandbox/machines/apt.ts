import { readdirSync, readFileSync } from "node:fs";
import { run } from "../host/run.ts";

/** Where Debian packages come from: the host's own mirror where it has one. */
export interface DebianArchive {
  readonly mirror: string;
  /** Absent where the host's mirror brings none: its network may reach no other. */
  readonly securityMirror?: string;
}

export const publicArchive = {
  mirror: "http://deb.debian.org/debian",
  securityMirror: "http://deb.debian.org/debian-security",
} as const satisfies DebianArchive;

/** Finds Debian's archive in the texts of apt's source files, of either format; Debian's public one if there is none. */
export function debianArchive(sources: readonly string[]): DebianArchive {
  const uris = sources
    .flatMap((text) => text.split("\n"))
    .filter((line) => /^(deb\s|URIs:)/.test(line))
    .flatMap((line) => line.match(/https?:\/\/[^\s\]]+/g) ?? [])
    .map((uri) => uri.replace(/\/+$/, ""));
  const mirror = uris.find((uri) => /\/debian$/.test(uri));
  if (mirror === undefined) return publicArchive;
  const securityMirror = uris.find((uri) => /\/debian-security$/.test(uri));
  if (securityMirror !== undefined) return { mirror, securityMirror };
  return mirror === publicArchive.mirror ? publicArchive : { mirror };
}

export function hostSources(): string[] {
  const folder = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list"];
  try {
    files.push(...readdirSync(folder).map((name) => `${folder}/${name}`));
  } catch {
    // Not a host with apt; the public archive is used.
  }
  return files
    .filter((file) => /\.(list|sources)$/.test(file))
    .flatMap((file) => {
      try {
        return [readFileSync(file, "utf8")];
      } catch {
        return [];
      }
    });
}

/** apt's sources for a suite, one-line format. */
export function sourcesList(archive: DebianArchive, suite: string): string {
  const lines = [`deb ${archive.mirror} ${suite} main`, `deb ${archive.mirror} ${suite}-updates main`];
  if (archive.securityMirror !== undefined) lines.push(`deb ${archive.securityMirror} ${suite}-security main`);
  return `${lines.join("\n")}\n`;
}

/**
 * The host's settings of how to fetch: proxies, time-outs. `dump` is what `apt-config dump` prints. Paths are left out,
 * as they name files of the host.
 */
export function fetchSettings(dump: string): string[] {
  return dump
    .split("\n")
    .filter((line) => /^Acquire::(http|https|Retries|ForceIPv4|ForceIPv6)\b/.test(line))
    .filter((line) => / ".+";$/.test(line) && !/ "\/|Auto-Detect|AutoDetect/.test(line));
}

export async function hostFetchSettings(): Promise<string[]> {
  const { code, stdout } = await run("apt-config", ["dump"], { allowedCodes: [0, 1, 127] }).catch(() => ({ code: 1, stdout: "" }));
  return code === 0 ? fetchSettings(stdout) : [];
}

/** Value of one of `fetchSettings`' lines, for programs that know only the environment. */
export function proxyOf(settings: readonly string[], scheme: "http" | "https"): string | undefined {
  const line = settings.find((text) => text.startsWith(`Acquire::${scheme}::Proxy "`));
  return line?.match(/"(.+)"/)?.[1];
}

/** Package names in one of our lists. */
export function packageNames(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
