import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Machine } from "../../../agent/bootstrap/machine-files.ts";
import { paths, tlsFiles } from "../../../constructs/bootstrap/layout.ts";
import type { NodeBundle } from "../../../constructs/bootstrap/node-bundle.ts";
import { hostArchitecture, programPath } from "../../../sandbox/agents/programs.ts";

/** Consul and Nomad as plain processes on loopback, with the settings that machines get; only places and ports differ. */
export interface LocalMachine {
  readonly root: string;
  readonly machine: Machine;
}

export const program = (name: "consul" | "nomad" | "traefik"): string => programPath(name, hostArchitecture());

/** Lays out the static files of a role below `root`, as install.sh would below `/`. */
export function layOut(root: string, bundle: NodeBundle, role: string): LocalMachine {
  const prefix = `roles/${role}/root/`;
  for (const [path, { content }] of Object.entries(bundle.files)) {
    if (!path.startsWith(prefix)) continue;
    const target = join(root, path.slice(prefix.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  return { root, machine: { root, ids: async () => ({ uid, gid }) } };
}

/** Settings that merge over the machine's: its folders and keys lie below `root`, its ports are free ones. */
export function relocate(
  { root }: LocalMachine,
  program: "consul" | "nomad",
  ports: Readonly<Record<string, number>>,
  extra: object = {},
): void {
  const at = (path: string) => join(root, path);
  const tls =
    program === "consul"
      ? { defaults: { ca_file: at(tlsFiles.ca), cert_file: at(tlsFiles.consulCertificate), key_file: at(tlsFiles.consulKey) } }
      : { ca_file: at(tlsFiles.ca), cert_file: at(tlsFiles.nomadCertificate), key_file: at(tlsFiles.nomadKey) };
  const data = at(program === "consul" ? paths.consulData : paths.nomadData);
  mkdirSync(data, { recursive: true });
  const folder = at(program === "consul" ? paths.consulConfig : paths.nomadConfig);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "99-here.json"), JSON.stringify({ data_dir: data, tls, ports, ...extra }));
}

export interface Running {
  readonly child: ChildProcess;
  log(): string;
  stop(): Promise<void>;
}

export function start(file: string, args: readonly string[], user?: number): Running {
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    // A program that could not be started is never closed.
    child.once("error", (error) => {
      text += `${file}: ${error.message}\n`;
      resolve();
    });
  });
  return {
    child,
    log: () => text,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

export async function freePorts<Name extends string>(...names: Name[]): Promise<Record<Name, number>> {
  const servers = await Promise.all(
    names.map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(names.map((name, index) => [name, ports[index]])) as Record<Name, number>;
}

export interface Call {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly body?: object;
  /** Header name -> value. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly ca: string;
  /** Without: no client certificate is shown. */
  readonly identity?: { readonly certificate: string; readonly key: string };
}

/** One HTTPS request; rejects where the connection or the handshake is refused. */
export function call({ port, path, method = "GET", body, headers = {}, ca, identity }: Call): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method,
        headers: { ...headers, connection: "close" },
        ca: readFileSync(ca),
        agent: false,
        timeout: 5000,
        ...(identity === undefined ? {} : { cert: readFileSync(identity.certificate), key: readFileSync(identity.key) }),
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on("error", reject);
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 5 s")));
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Looks every 100 ms until `look` returns something; fails with the last reason and the program's last lines. */
export async function eventually<T>(
  what: string,
  running: readonly Running[],
  look: () => Promise<T | undefined>,
  withinMs = 40_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  let reason = "nothing";
  while (Date.now() < end) {
    const dead = running.find(({ child }) => child.exitCode !== null);
    if (dead !== undefined) throw new Error(`${what}: a program ended with ${dead.child.exitCode}\n${dead.log().slice(-3000)}`);
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      reason = String(error);
    }
    await sleep(100);
  }
  throw new Error(`${what}: not within ${withinMs} ms, last: ${reason}\n${running.map((each) => each.log().slice(-3000)).join("\n---\n")}`);
}

/** Gives a tree to another user, for programs that run as one. */
export function giveTo(path: string, user: number): void {
  chownSync(path, user, user);
  if (!statSync(path).isDirectory()) return;
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path)) giveTo(join(path, entry), user);
}
