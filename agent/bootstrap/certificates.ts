import { execFile } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { consulDatacenter, nomadRegion, paths } from "../../constructs/bootstrap/layout.ts";
import { withPrivateFolder } from "./private-folder.ts";

const run = promisify(execFile);

/** PEM. */
export interface Authority {
  readonly certificate: string;
  readonly key: string;
}

/** PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Where the two programs are. */
export interface Tools {
  readonly consul: string;
  readonly nomad: string;
}

export const installedTools: Tools = { consul: join(paths.bin, "consul"), nomad: join(paths.bin, "nomad") };

/** Ten years: replacing an authority means replacing every machine. */
const authorityDays = 3650;

/** A new authority for Consul and Nomad of one region. */
export async function createAuthority(commonName: string, tools: Tools = installedTools): Promise<Authority> {
  return withPrivateFolder(async (folder) => {
    await run(tools.consul, ["tls", "ca", "create", `-days=${authorityDays}`, `-common-name=${commonName}`], { cwd: folder });
    const [certificate, key] = await Promise.all([
      readFile(join(folder, "consul-agent-ca.pem"), "utf8"),
      readFile(join(folder, "consul-agent-ca-key.pem"), "utf8"),
    ]);
    return { certificate, key };
  });
}

export interface CertificateRequest {
  readonly program: "consul" | "nomad";
  /** Servers' certificates are for one address and prove the right to be a server; clients' only that to join. */
  readonly role: "server" | "client";
  /** IPv4 address, besides 127.0.0.1. */
  readonly address?: string;
  readonly days: number;
}

/** Issues certificates side by side. The key is a file in memory while the programs run, and never an argument. */
export async function issueCertificates(
  authority: Authority,
  requests: readonly CertificateRequest[],
  tools: Tools = installedTools,
): Promise<IssuedCertificate[]> {
  return withPrivateFolder(async (folder) => {
    const ca = join(folder, "ca.pem");
    const key = join(folder, "ca-key.pem");
    await Promise.all([writeFile(ca, authority.certificate, { mode: 0o600 }), writeFile(key, authority.key, { mode: 0o600 })]);
    return Promise.all(
      requests.map(async ({ program, role, address, days }, index) => {
        const cwd = join(folder, String(index));
        await mkdir(cwd, { mode: 0o700 });
        const place = program === "consul" ? `-dc=${consulDatacenter}` : `-region=${nomadRegion}`;
        const args = ["tls", "cert", "create", `-${role}`, place, `-ca=${ca}`, `-key=${key}`, `-days=${days}`];
        if (address !== undefined) args.push(`-additional-ipaddress=${address}`);
        await run(tools[program], args, { cwd });
        const files = await readdir(cwd);
        const read = async (match: (file: string) => boolean): Promise<string> => {
          const file = files.find(match);
          if (file === undefined)
            throw new Error(`${program} tls cert create: no such file, got ${files.join(", ")}; expected a certificate and its key`);
          return readFile(join(cwd, file), "utf8");
        };
        return {
          certificate: await read((file) => file.endsWith(".pem") && !file.endsWith("-key.pem")),
          key: await read((file) => file.endsWith("-key.pem")),
        };
      }),
    );
  });
}

/**
 * Whether a certificate still does: issued by this authority, for this key and address, and valid for at least
 * `forMs` more.
 */
export function certificateHolds(
  issued: IssuedCertificate,
  check: { readonly ca: string; readonly address?: string; readonly forMs: number },
): boolean {
  try {
    const certificate = new X509Certificate(issued.certificate);
    return (
      certificate.verify(new X509Certificate(check.ca).publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(issued.key)) &&
      (check.address === undefined || certificate.checkIP(check.address) !== undefined) &&
      Date.parse(certificate.validTo) - Date.now() >= check.forMs
    );
  } catch {
    return false; // Not PEM, half written: a reason to issue it anew.
  }
}
