import { bootFiles, tlsFiles, tokenFiles, users } from "../../constructs/bootstrap/layout.ts";
import type { NodeIdentity } from "../node-identity.ts";
import type { BootSettings } from "./boot-settings.ts";
import type { IssuedCertificate } from "./certificates.ts";
import type { MachineFile } from "./machine-files.ts";

export interface RoleFiles {
  /** Nomad needs root where it runs tasks. */
  readonly nomadUser: string;
  readonly identity: NodeIdentity;
  readonly ca: string;
  readonly consul: IssuedCertificate;
  readonly nomad: IssuedCertificate;
  readonly settings: BootSettings;
  readonly consulToken: string;
  /** Clients only. */
  readonly nomadToken?: string;
  readonly nomadIntroduction?: string;
}

/** Everything a machine is given at boot, with who may read it. Settings come last: what they name is there before. */
export function machineFilesOf(role: RoleFiles): MachineFile[] {
  const { nomadUser } = role;
  const open = (path: string, content: string): MachineFile => ({ path, content, mode: 0o644, owner: "root", group: "root" });
  // The agent asks the local Consul and Nomad with their own certificates.
  const key = (path: string, content: string, owner: string): MachineFile => ({ path, content, mode: 0o640, owner, group: users.agent });
  const token = (path: string, content: string): MachineFile => ({ path, content, mode: 0o600, owner: users.agent, group: users.agent });
  const settings = (path: string, content: object, owner: string): MachineFile => ({
    path,
    content: `${JSON.stringify(content, null, 2)}\n`,
    mode: 0o600,
    owner,
    group: owner,
  });
  return [
    open(bootFiles.identity, `${JSON.stringify(role.identity)}\n`),
    open(tlsFiles.ca, role.ca),
    key(tlsFiles.consulKey, role.consul.key, users.consul),
    open(tlsFiles.consulCertificate, role.consul.certificate),
    key(tlsFiles.nomadKey, role.nomad.key, nomadUser),
    open(tlsFiles.nomadCertificate, role.nomad.certificate),
    token(tokenFiles.consul, role.consulToken),
    ...(role.nomadToken === undefined ? [] : [token(tokenFiles.nomad, role.nomadToken)]),
    ...(role.nomadIntroduction === undefined
      ? []
      : [{ path: bootFiles.nomadIntroduction, content: role.nomadIntroduction, mode: 0o600, owner: nomadUser, group: nomadUser }]),
    settings(bootFiles.consul, role.settings.consul, users.consul),
    settings(bootFiles.nomad, role.settings.nomad, nomadUser),
  ];
}

/** What must be on disk for a machine to start with what it was given last. */
export function lastGoodFiles(role: "server" | "client"): string[] {
  return [
    bootFiles.identity,
    ...Object.values(tlsFiles),
    tokenFiles.consul,
    ...(role === "client" ? [tokenFiles.nomad] : []),
    bootFiles.consul,
    bootFiles.nomad,
  ];
}
