import { join } from "node:path";
import { paths } from "../constructs/bootstrap/layout.ts";

/** One program's identity towards its local API and its peers. PEM files. */
export interface TlsFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * Where `bootstrap` puts what a machine was given, and where `run` reads it. Contents change while the machine runs
 * (a pool's certificates live for days), so readers open the files anew instead of keeping what they read at start.
 */
export const nodeFiles = {
  consulTls: tlsFiles("consul"),
  nomadTls: tlsFiles("nomad"),
  /** Token of the local Consul agent: the servers' or this pool's. */
  consulToken: join(paths.tokens, "consul"),
  /** Clients only: reads Nomad's nodes, allocations and events. */
  nomadToken: join(paths.tokens, "nomad"),
} as const;

function tlsFiles(program: "consul" | "nomad"): TlsFiles {
  return {
    ca: join(paths.tls, "ca.pem"),
    certificate: join(paths.tls, `${program}.pem`),
    key: join(paths.tls, `${program}-key.pem`),
  };
}
