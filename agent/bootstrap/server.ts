import { tlsFiles, users } from "../../constructs/bootstrap/layout.ts";
import type { SecretStore } from "../../constructs/core/secret-store.ts";
import type { ServerSecret } from "../../constructs/core/secrets.ts";
import type { NodeIdentity } from "../node-identity.ts";
import type { ServerSettings } from "../node-settings.ts";
import { serverBootSettings } from "./boot-settings.ts";
import { certificateHolds, type IssuedCertificate, issueCertificates, type Tools } from "./certificates.ts";
import { type Machine, type MachineFile, readMachineFile } from "./machine-files.ts";
import { machineFilesOf } from "./role-files.ts";
import { generateServerSecret, parseServerSecret } from "./secret-documents.ts";
import type { Sources } from "./sources.ts";

const dayMs = 86_400_000;
/** Renewed by the refresh timer when a third is left. */
const certificateDays = 30;
const renewBeforeMs = 10 * dayMs;

/** Files of a server: secret made or read, certificates issued where those on disk no longer do. */
export async function serverFiles(settings: ServerSettings, sources: Sources, machine: Machine, tools: Tools): Promise<MachineFile[]> {
  const [identity, store, servers] = await Promise.all([sources.identity(), sources.secrets(), sources.servers()]);
  const secret = await serverSecret(settings, identity, store, tools);
  const { consul, nomad } = await certificates(secret, identity, machine, tools);
  return machineFilesOf({
    nomadUser: users.nomad,
    identity,
    ca: secret.caCertificate,
    consul,
    nomad,
    consulToken: secret.consulServerToken,
    settings: serverBootSettings(
      identity,
      secret,
      servers.filter((address) => address !== identity.address),
    ),
  });
}

async function serverSecret(settings: ServerSettings, identity: NodeIdentity, store: SecretStore, tools: Tools): Promise<ServerSecret> {
  const { environment, region, serverSecret: name } = settings;
  const existing = await store.get(name);
  if (existing !== undefined) return parseServerSecret(name, existing);
  const generated = await generateServerSecret({ environment, region, createdBy: identity.name }, tools);
  return parseServerSecret(name, await store.createOnce(name, JSON.stringify(generated)));
}

async function certificates(
  secret: ServerSecret,
  { address }: NodeIdentity,
  machine: Machine,
  tools: Tools,
): Promise<{ consul: IssuedCertificate; nomad: IssuedCertificate }> {
  const check = { ca: secret.caCertificate, address, forMs: renewBeforeMs };
  const [consul, nomad] = await Promise.all([
    read(machine, tlsFiles.consulCertificate, tlsFiles.consulKey),
    read(machine, tlsFiles.nomadCertificate, tlsFiles.nomadKey),
  ]);
  if (certificateHolds(consul, check) && certificateHolds(nomad, check)) return { consul, nomad };
  const request = { role: "server", address, days: certificateDays } as const;
  const [newConsul, newNomad] = await issueCertificates(
    { certificate: secret.caCertificate, key: secret.caKey },
    [
      { ...request, program: "consul" },
      { ...request, program: "nomad" },
    ],
    tools,
  );
  if (newConsul === undefined || newNomad === undefined)
    throw new Error("certificates: too few issued; expected one for Consul and one for Nomad");
  return { consul: newConsul, nomad: newNomad };
}

async function read(machine: Machine, certificate: string, key: string): Promise<IssuedCertificate> {
  const [certificateText, keyText] = await Promise.all([readMachineFile(machine, certificate), readMachineFile(machine, key)]);
  return { certificate: certificateText ?? "", key: keyText ?? "" };
}
