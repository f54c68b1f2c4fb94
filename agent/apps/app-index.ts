import type { AppDeclaration, AppIndex, AppIndexEntry, ReleaseDocument } from "../../constructs/core/app.ts";
import type { StoredObject } from "../aws/s3.ts";
import { isAppName, type Parsed } from "./documents.ts";

/** ETags of what lies in `apps/<name>/`. */
export interface ListedApp {
  readonly declaration: string;
  readonly release?: string;
}

/** Both documents of one app as they were read. */
export interface AppDocuments {
  readonly listed: ListedApp;
  readonly declaration: Parsed<AppDeclaration>;
  readonly release?: Parsed<ReleaseDocument>;
}

/** Apps of a listing of `apps/`. One without a declaration was taken away by Terraform: its release alone brings nothing to life. */
export function listedApps(objects: readonly StoredObject[]): Map<string, ListedApp> {
  const declarations = new Map<string, string>();
  const releases = new Map<string, string>();
  for (const { key, etag } of objects) {
    const match = /^apps\/([^/]+)\/(app|release)\.json$/.exec(key);
    if (match?.[1] === undefined || !isAppName(match[1])) continue;
    (match[2] === "app" ? declarations : releases).set(match[1], etag);
  }
  return new Map(
    [...declarations].map(([name, declaration]) => {
      const release = releases.get(name);
      return [name, release === undefined ? { declaration } : { declaration, release }];
    }),
  );
}

export interface IndexInput {
  readonly engine: string;
  readonly apps: ReadonlyMap<string, AppDocuments>;
  /** ETag of the compiled form of a component for `engine`. */
  readonly compiled: ReadonlyMap<string, string>;
  /** Why a component is not compiled, by component. */
  readonly problems: ReadonlyMap<string, string>;
  readonly previous: AppIndex | undefined;
}

/** The index that follows from the documents. Pure; the same input always gives the same text. */
export function computeIndex(input: IndexInput): AppIndex {
  const conflicts = routeConflicts(input.apps);
  const apps: Record<string, AppIndexEntry> = {};
  for (const name of [...input.apps.keys()].sort()) {
    const documents = input.apps.get(name);
    if (documents === undefined) continue;
    const entry = entryOf(documents, input, servable(input, name));
    const problem = entry.problem ?? conflicts.get(name);
    apps[name] = problem === undefined ? entry : { ...entry, problem };
  }
  return { engine: input.engine, apps };
}

/** The app's previous entry, without what the engine of this index cannot run. */
function servable({ previous, engine, compiled }: IndexInput, name: string): AppIndexEntry | undefined {
  const entry = previous?.apps[name];
  if (entry?.serving === undefined) return entry;
  const { serving, ...rest } = entry;
  const compiledEtag = compiled.get(serving.component) ?? (previous?.engine === engine ? serving.compiledEtag : undefined);
  return compiledEtag === undefined ? rest : { ...rest, serving: { component: serving.component, compiledEtag } };
}

function entryOf({ listed, declaration, release }: AppDocuments, input: IndexInput, previous: AppIndexEntry | undefined): AppIndexEntry {
  if (!declaration.ok) {
    // What the nodes serve stays; an app that never had a valid declaration belongs to no pool.
    const kept = previous ?? { pool: "", declaration: listed.declaration };
    return { ...kept, problem: declaration.problem };
  }
  const base = { pool: declaration.document.pool, declaration: listed.declaration };
  if (release === undefined) return base;
  const served = previous?.serving === undefined ? {} : { serving: previous.serving };
  if (!release.ok) return { ...base, ...componentOf(previous), ...served, problem: release.problem };

  const component = release.document.current.component;
  const compiledEtag = input.compiled.get(component);
  if (compiledEtag !== undefined) return { ...base, component, serving: { component, compiledEtag } };
  const problem = input.problems.get(component);
  return { ...base, component, ...served, ...(problem === undefined ? {} : { problem }) };
}

function componentOf(previous: AppIndexEntry | undefined): Pick<AppIndexEntry, "component"> {
  return previous?.component === undefined ? {} : { component: previous.component };
}

/** Synthesis refuses two apps with one route, but cannot see another project's apps. The first name keeps the route, on every node. */
function routeConflicts(apps: ReadonlyMap<string, AppDocuments>): Map<string, string> {
  const owners = new Map<string, string>();
  const conflicts = new Map<string, string>();
  for (const name of [...apps.keys()].sort()) {
    const declaration = apps.get(name)?.declaration;
    if (!declaration?.ok) continue;
    for (const route of declaration.document.routes) {
      const owner = owners.get(route);
      if (owner === undefined) owners.set(route, name);
      else if (owner !== name) conflicts.set(name, `app.json: route ${route} belongs to app ${owner}. Take it out of one of the two`);
    }
  }
  return conflicts;
}

/** Components that must exist in compiled form, each with the name of an app that wants it. */
export function releasedComponents(apps: ReadonlyMap<string, AppDocuments>): Map<string, string> {
  const components = new Map<string, string>();
  for (const [name, { declaration, release }] of [...apps].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!declaration.ok || !release?.ok) continue;
    const { component } = release.document.current;
    if (!components.has(component)) components.set(component, name);
  }
  return components;
}

/** Text of the index as it is stored. */
export const indexText = (index: AppIndex): string => `${JSON.stringify(index, undefined, 1)}\n`;
