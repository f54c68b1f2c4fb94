import { tlsFiles, tokenFiles } from "../constructs/bootstrap/layout.ts";

/** One program's identity towards its local API and its peers. PEM files. */
export interface TlsFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** What `run` reads of what `bootstrap` wrote. Renewed while the machine runs, so readers open the files anew. */
export interface NodeFiles {
  readonly consulTls: TlsFiles;
  readonly nomadTls: TlsFiles;
  /** Token of the local Consul agent: the servers' or this pool's. */
  readonly consulToken: string;
  /** Clients only: reads Nomad's nodes, allocations and events. */
  readonly nomadToken: string;
}

export const nodeFiles: NodeFiles = {
  consulTls: { ca: tlsFiles.ca, certificate: tlsFiles.consulCertificate, key: tlsFiles.consulKey },
  nomadTls: { ca: tlsFiles.ca, certificate: tlsFiles.nomadCertificate, key: tlsFiles.nomadKey },
  consulToken: tokenFiles.consul,
  nomadToken: tokenFiles.nomad,
};
