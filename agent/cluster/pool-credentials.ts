import { randomUUID } from "node:crypto";
import type { SecretStore } from "../../constructs/core/secret-store.ts";
import type { PoolSecret, ServerSecret } from "../../constructs/core/secrets.ts";
import { issueCertificates, type Tools } from "../bootstrap/certificates.ts";
import { parsePoolSecret } from "../bootstrap/secret-documents.ts";
import type { ConsulClient } from "../consul/client.ts";
import type { Log } from "../log.ts";
import type { NomadClient } from "../nomad/client.ts";
import { consulPoolPolicy, nomadNodePolicy } from "./policies.ts";
import { earliestExpiry, renewalReason } from "./pool-secret.ts";
import { stableUuid } from "./stable-uuid.ts";

/** Nomad's own limits for tokens (`token_max_expiration_ttl`) and introductions (`max_identity_ttl`) are 24 hours as well. */
const tokenHours = 24;
/** Longer than the tokens: an old certificate lets a machine that was off fetch its new one over working connections. */
const certificateDays = 3;

export interface PoolCredentialsInput {
  readonly pool: string;
  /** Name of the pool's secret. */
  readonly secretName: string;
  readonly server: ServerSecret;
  readonly secrets: SecretStore;
  /** Clients that carry the management tokens. */
  readonly consul: ConsulClient;
  readonly nomad: NomadClient;
  readonly log: Log;
  /** Default: the installed programs. */
  readonly tools?: Tools;
  /** Default: the clock. */
  readonly now?: () => Date;
}

/** Keeps one pool's secret fresh: what its machines need to join, for hours. No value is ever logged. */
export async function keepPoolCredentials(input: PoolCredentialsInput): Promise<"kept" | "renewed"> {
  const { pool, secretName, server, secrets, consul, nomad, log } = input;
  const now = (input.now ?? (() => new Date()))();
  const known = readable(secretName, await secrets.get(secretName));

  // The Consul token stays the same as long as the secret does, so that a rebuilt cluster knows the machines' agents.
  const consulToken = known?.consulToken ?? randomUUID();
  const policy = consulPoolPolicy(pool);
  await consul.putPolicy(policy);
  await consul.putToken({
    accessorId: stableUuid(`consul accessor ${consulToken}`),
    secretId: consulToken,
    description: policy.description,
    policies: [policy.name],
  });
  await nomad.ensureNodePool(pool);

  const reason =
    renewalReason(known, server, now) ??
    (known !== undefined && !(await nomad.tokenWorks(known.nomadToken)) ? "Nomad does not know its token" : undefined);
  if (reason === undefined) return "kept";

  const request = { role: "client", days: certificateDays } as const;
  const [[consulIssued, nomadIssued], nomadToken, nomadIntroductionToken] = await Promise.all([
    issueCertificates(
      { certificate: server.caCertificate, key: server.caKey },
      [
        { ...request, program: "consul" },
        { ...request, program: "nomad" },
      ],
      input.tools,
    ),
    nomad.createToken({ name: `pool ${pool}`, policies: [nomadNodePolicy.name], ttlHours: tokenHours }),
    nomad.createIntroductionToken({ pool, ttlHours: tokenHours }),
  ]);
  if (consulIssued === undefined || nomadIssued === undefined)
    throw new Error("certificates: too few issued; expected one for Consul and one for Nomad");
  const expires = earliestExpiry(
    [consulIssued.certificate, nomadIssued.certificate],
    nomadIntroductionToken,
    new Date(now.getTime() + tokenHours * 3_600_000),
  );
  const secret: PoolSecret = {
    caCertificate: server.caCertificate,
    nomadCertificate: nomadIssued.certificate,
    nomadKey: nomadIssued.key,
    consulCertificate: consulIssued.certificate,
    consulKey: consulIssued.key,
    consulGossipKey: server.consulGossipKey,
    consulToken,
    nomadIntroductionToken,
    nomadToken,
    issuedAt: now.toISOString(),
    expiresAt: expires.toISOString(),
  };
  await secrets.rotate(secretName, JSON.stringify(secret));
  log("info", "pool credentials issued", { pool, reason, expiresAt: secret.expiresAt });
  return "renewed";
}

/** A value of another form is as good as none: it is issued anew. */
function readable(name: string, text: string | undefined): PoolSecret | undefined {
  if (text === undefined) return undefined;
  try {
    return parsePoolSecret(name, text);
  } catch {
    return undefined;
  }
}
