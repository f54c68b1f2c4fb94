import type { ClientSettings } from "../node-settings.ts";
import { clientBootSettings } from "./boot-settings.ts";
import type { MachineFile } from "./machine-files.ts";
import { machineFilesOf } from "./role-files.ts";
import { parsePoolSecret } from "./secret-documents.ts";
import type { Sources } from "./sources.ts";
import { NotYet } from "./wait-for.ts";

/** Files of a client: all that it may know is in its pool's secret, which the leader keeps fresh. */
export async function clientFiles(settings: ClientSettings, sources: Sources): Promise<MachineFile[]> {
  const { poolSecret: name } = settings;
  const [identity, store, servers] = await Promise.all([sources.identity(), sources.secrets(), sources.servers()]);
  const text = await store.get(name);
  if (text === undefined) throw new NotYet(`${name}: no value yet; the servers' leader writes it`);
  const secret = parsePoolSecret(name, text);
  if (Date.parse(secret.expiresAt) <= Date.now())
    throw new NotYet(`${name}: expired, got ${secret.expiresAt}; expected a time ahead. The servers' leader renews it`);
  if (servers.length === 0) throw new NotYet(`servers of ${settings.environment}: none runs; expected at least one`);
  return machineFilesOf({
    nomadUser: "root",
    identity,
    ca: secret.caCertificate,
    consul: { certificate: secret.consulCertificate, key: secret.consulKey },
    nomad: { certificate: secret.nomadCertificate, key: secret.nomadKey },
    consulToken: secret.consulToken,
    nomadToken: secret.nomadToken,
    nomadIntroduction: secret.nomadIntroductionToken,
    settings: clientBootSettings(identity, secret, servers),
  });
}
