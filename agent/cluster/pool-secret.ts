import { X509Certificate } from "node:crypto";
import { z } from "zod";
import type { PoolSecret, ServerSecret } from "../../constructs/core/secrets.ts";

/** Why a pool's secret must be issued anew, in words for the log; undefined while it is good. */
export function renewalReason(
  secret: PoolSecret | undefined,
  server: Pick<ServerSecret, "caCertificate" | "consulGossipKey">,
  now: Date,
): string | undefined {
  if (secret === undefined) return "it has no value yet";
  if (secret.caCertificate !== server.caCertificate) return "its authority is another";
  if (secret.consulGossipKey !== server.consulGossipKey) return "its gossip key is another";
  const issued = Date.parse(secret.issuedAt);
  const life = Date.parse(secret.expiresAt) - issued;
  // A clock that was set back makes a secret of the future.
  if (now.getTime() < issued - 60_000) return "it was issued in the future";
  // Two thirds are left for machines to take it up, and for a region without a leader.
  return now.getTime() - issued >= life / 3 ? "a third of its life is over" : undefined;
}

/** When the first of certificates and signed token expires. */
export function earliestExpiry(certificates: readonly string[], jwt: string, tokensUntil: Date): Date {
  const ends = certificates.map((pem) => Date.parse(new X509Certificate(pem).validTo));
  const payload = z
    .object({ exp: z.number() })
    .safeParse(JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8") || "{}"));
  if (!payload.success) throw new Error("introduction token: no expiry, got another form; expected a JWT with `exp`");
  return new Date(Math.min(...ends, payload.data.exp * 1000, tokensUntil.getTime()));
}
