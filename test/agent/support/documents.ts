import { createHash } from "node:crypto";
import type { AppDocuments } from "../../../agent/apps/app-index.ts";
import type { AppDeclaration } from "../../../constructs/core/app.ts";

export const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

export function declarationOf(name: string, change: Partial<AppDeclaration> = {}): AppDeclaration {
  return {
    name,
    pool: "web",
    routes: [`${name}.apps.localhost`],
    memoryMb: 64,
    requestTimeoutMs: 1_000,
    concurrency: 16,
    outboundHosts: [],
    env: {},
    ...change,
  };
}

/** One app's documents; with `component` it is released. */
export function documentsOf(name: string, component?: string, change: Partial<AppDeclaration> = {}): AppDocuments {
  const declaration = { ok: true, document: declarationOf(name, change) } as const;
  const listed = { declaration: sha(JSON.stringify(declaration)).slice(0, 32) };
  if (component === undefined) return { listed, declaration };
  const current = { component, releasedAt: "2026-01-01T00:00:00Z", releasedBy: "ci" };
  return { listed: { ...listed, release: component.slice(0, 32) }, declaration, release: { ok: true, document: { current, history: [] } } };
}
