import { z } from "zod";
import type { AppDeclaration, AppIndex, ReleaseDocument } from "../../constructs/core/app.ts";

/**
 * Documents as they come out of the bucket. Releases are written by teams, so everything is checked before it takes
 * part in a path, a URL or a manifest.
 */

const appName = z.string().regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const hostName = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
const engine = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const etag = z.string().regex(/^[\x21\x23-\x7e]{1,128}$/);

const declarationSchema: z.ZodType<AppDeclaration> = z.object({
  name: appName,
  pool: z.string().min(1),
  routes: z.array(hostName),
  memoryMb: z.number().int().positive(),
  requestTimeoutMs: z.number().int().positive(),
  concurrency: z.number().int().positive(),
  outboundHosts: z.array(z.string().regex(/^[a-z0-9.-]+(?::\d{1,5})?$/)),
  env: z.record(z.string(), z.string()),
});

const releaseSchema = z.object({ component: sha256, releasedAt: z.string(), releasedBy: z.string() });
const releaseDocumentSchema: z.ZodType<ReleaseDocument> = z.object({ current: releaseSchema, history: z.array(releaseSchema) });

const indexSchema = z.object({
  engine,
  apps: z.record(
    appName,
    z.object({
      pool: z.string(),
      declaration: etag,
      component: sha256.optional(),
      serving: z.object({ component: sha256, compiledEtag: etag }).optional(),
      problem: z.string().optional(),
    }),
  ),
});

export type Parsed<T> = { readonly ok: true; readonly document: T } | { readonly ok: false; readonly problem: string };

export function parseDeclaration(text: string, app: string): Parsed<AppDeclaration> {
  const parsed = parse(declarationSchema, text, "app.json");
  if (!parsed.ok || parsed.document.name === app) return parsed;
  return {
    ok: false,
    problem: `app.json: name is of another app, got ${parsed.document.name}; expected ${app}. Declare it under its own name`,
  };
}

export const parseRelease = (text: string): Parsed<ReleaseDocument> => parse(releaseDocumentSchema, text, "release.json");

/** The leader's own document, checked as well: an agent of another version may have written it. */
export const parseIndex = (text: string): Parsed<AppIndex> => parse(indexSchema as z.ZodType<AppIndex>, text, "index.json");

export const isAppName = (name: string): boolean => appName.safeParse(name).success;
export const isEngine = (name: string): boolean => engine.safeParse(name).success;

function parse<T>(schema: z.ZodType<T>, text: string, file: string): Parsed<T> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { ok: false, problem: `${file}: no JSON, got ${JSON.stringify(text.slice(0, 40))}` };
  }
  const result = schema.safeParse(content);
  if (result.success) return { ok: true, document: result.data };
  const issue = result.error.issues[0];
  return { ok: false, problem: `${file}: ${issue?.path.join(".") || "document"}: ${issue?.message}` };
}
