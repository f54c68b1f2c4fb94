import { randomBytes, randomUUID } from "node:crypto";
import type { PoolSecret, ServerSecret } from "../../constructs/core/secrets.ts";
import { createAuthority, type Tools } from "./certificates.ts";

/**
 * Whatever makes a cluster what it is. Made by every server that finds no value; the store keeps the first writer's.
 * Gossip keys are what `consul keygen` and `nomad operator gossip keyring generate` give: 32 random bytes.
 */
export async function generateServerSecret(
  props: { readonly environment: string; readonly region: string; readonly createdBy: string },
  tools?: Tools,
): Promise<ServerSecret> {
  const authority = await createAuthority(`Edge Fleet ${props.environment} ${props.region}`, tools);
  return {
    caCertificate: authority.certificate,
    caKey: authority.key,
    consulGossipKey: randomBytes(32).toString("base64"),
    nomadGossipKey: randomBytes(32).toString("base64"),
    consulManagementToken: randomUUID(),
    nomadManagementToken: randomUUID(),
    consulServerToken: randomUUID(),
    createdBy: props.createdBy,
  };
}

const serverKeys = [
  "caCertificate",
  "caKey",
  "consulGossipKey",
  "nomadGossipKey",
  "consulManagementToken",
  "nomadManagementToken",
  "consulServerToken",
  "createdBy",
] as const satisfies readonly (keyof ServerSecret)[];

const poolKeys = [
  "caCertificate",
  "nomadCertificate",
  "nomadKey",
  "consulCertificate",
  "consulKey",
  "consulGossipKey",
  "consulToken",
  "nomadIntroductionToken",
  "nomadToken",
  "issuedAt",
  "expiresAt",
] as const satisfies readonly (keyof PoolSecret)[];

export function parseServerSecret(name: string, text: string): ServerSecret {
  return parse(name, text, serverKeys);
}

export function parsePoolSecret(name: string, text: string): PoolSecret {
  return parse(name, text, poolKeys);
}

/** Errors name keys and types, never a value. */
function parse<Key extends string>(name: string, text: string, keys: readonly Key[]): Record<Key, string> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Error(`${name}: not JSON, got ${text.length} characters; expected a document. Find out who wrote it`);
  }
  const values = (typeof document === "object" && document !== null ? document : {}) as Record<string, unknown>;
  const missing = keys.filter((key) => typeof values[key] !== "string" || values[key] === "");
  if (missing.length > 0)
    throw new Error(`${name}: incomplete, got no ${missing.join(", ")}; expected text in each. Find out who wrote it`);
  return Object.fromEntries(keys.map((key) => [key, values[key]])) as Record<Key, string>;
}
