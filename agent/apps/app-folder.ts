import { createHash } from "node:crypto";
import type { AppDeclaration, AppIndex, AppManifest } from "../../constructs/core/app.ts";

/** What the app host's folder should hold. Names only, no paths. */
export interface WantedFolder {
  /** `apps/<name>.json` -> text. */
  readonly manifests: ReadonlyMap<string, string>;
  /** `hosts/<host name>` -> app. */
  readonly hosts: ReadonlyMap<string, string>;
  /** `compiled/<file>` -> where it comes from. */
  readonly compiled: ReadonlyMap<string, CompiledSource>;
  /** Apps that are in the index for this pool, with or without files. */
  readonly apps: ReadonlySet<string>;
}

export interface CompiledSource {
  readonly component: string;
  readonly engine: string;
  readonly etag: string;
}

/** What the folder holds now. */
export interface FoundFolder {
  readonly manifests: ReadonlyMap<string, string>;
  readonly hosts: ReadonlyMap<string, string>;
  readonly compiled: ReadonlySet<string>;
}

/** Apps of one pool that can be served, by name. */
export function servedApps(index: AppIndex, pool: string): Map<string, { readonly declaration: string; readonly source: CompiledSource }> {
  const served = new Map<string, { readonly declaration: string; readonly source: CompiledSource }>();
  for (const [name, entry] of Object.entries(index.apps)) {
    if (entry.pool !== pool || entry.serving === undefined) continue;
    const { component, compiledEtag } = entry.serving;
    served.set(name, { declaration: entry.declaration, source: { component, engine: index.engine, etag: compiledEtag } });
  }
  return served;
}

/** The folder that follows from the index and the declarations it names. Pure. */
export function wantedFolder(index: AppIndex, pool: string, declarations: ReadonlyMap<string, AppDeclaration>): WantedFolder {
  const manifests = new Map<string, string>();
  const hosts = new Map<string, string>();
  const compiled = new Map<string, CompiledSource>();
  const apps = servedApps(index, pool);
  for (const [name, { source }] of [...apps].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const declaration = declarations.get(name);
    if (declaration === undefined) continue;
    const file = compiledFile(source);
    compiled.set(file, source);
    manifests.set(name, manifestText(declaration, source.component, file));
    // A route of two apps belongs to the first name, on every node; the index says so to the other's team.
    for (const route of declaration.routes) if (!hosts.has(route)) hosts.set(route, name);
  }
  return { manifests, hosts, compiled, apps: new Set(apps.keys()) };
}

/** Another compile of the same component is another file, so that the app host never sees content change under a name. */
export function compiledFile({ component, engine, etag }: CompiledSource): string {
  const version = createHash("sha256").update(etag).digest("hex").slice(0, 8);
  return `${component}-${engine}-${version}.cwasm`;
}

export function manifestText(declaration: AppDeclaration, component: string, file: string): string {
  const manifest: AppManifest = {
    name: declaration.name,
    compiled: file,
    component,
    memory_mb: declaration.memoryMb,
    timeout_ms: declaration.requestTimeoutMs,
    concurrency: declaration.concurrency,
    outbound: declaration.outboundHosts.map((host) => (host.includes(":") ? host : `${host}:443`)),
    env: declaration.env,
  };
  return `${JSON.stringify(manifest)}\n`;
}

/** Steps from one folder to the other, in an order in which no name ever points at something that is not there. */
export interface FolderSteps {
  readonly download: readonly (readonly [file: string, source: CompiledSource])[];
  readonly writeManifests: readonly (readonly [name: string, text: string])[];
  readonly linkHosts: readonly (readonly [host: string, app: string])[];
  readonly unlinkHosts: readonly string[];
  readonly removeManifests: readonly string[];
  /** Nothing names them any more; the app host may just be opening one. */
  readonly unusedCompiled: readonly string[];
}

/**
 * Compares the folders. `missing` are compiled files that could not be fetched: the apps that need them keep the
 * manifest they have. Pure.
 */
export function folderSteps(wanted: WantedFolder, found: FoundFolder, missing: ReadonlySet<string> = new Set()): FolderSteps {
  const waiting = new Set([...wanted.manifests].filter(([, text]) => missing.has(fileOf(text))).map(([name]) => name));
  const after = new Map([...found.manifests].filter(([name]) => wanted.apps.has(name)));
  const writeManifests: [string, string][] = [];
  for (const [name, text] of wanted.manifests) {
    if (waiting.has(name)) continue;
    after.set(name, text);
    if (found.manifests.get(name) !== text) writeManifests.push([name, text]);
  }
  const hosts = new Map([...wanted.hosts].filter(([, app]) => after.has(app)));
  // An app whose declaration could not be read keeps its hosts.
  for (const [host, app] of found.hosts) if (!hosts.has(host) && after.has(app) && !wanted.manifests.has(app)) hosts.set(host, app);
  const used = new Set([...after.values()].map(fileOf));
  return {
    download: [...wanted.compiled].filter(([file]) => !found.compiled.has(file)),
    writeManifests,
    linkHosts: [...hosts].filter(([host, app]) => found.hosts.get(host) !== app),
    unlinkHosts: [...found.hosts.keys()].filter((host) => !hosts.has(host)),
    removeManifests: [...found.manifests.keys()].filter((name) => !after.has(name)),
    unusedCompiled: [...found.compiled].filter((file) => !used.has(file) && !wanted.compiled.has(file)),
  };
}

/** Compiled file that a manifest names; empty for one that is no manifest. */
function fileOf(manifest: string): string {
  try {
    const { compiled } = JSON.parse(manifest) as { compiled?: unknown };
    return typeof compiled === "string" ? compiled : "";
  } catch {
    return "";
  }
}
