import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compiledFile,
  type FolderSteps,
  type FoundFolder,
  folderSteps,
  manifestText,
  wantedFolder,
} from "../../../agent/apps/app-folder.ts";
import type { AppDeclaration, AppIndex } from "../../../constructs/core/app.ts";
import { declarationOf, sha } from "../support/documents.ts";

const engine = "wasmtime-48.0.8";
const empty: FoundFolder = { manifests: new Map(), hosts: new Map(), compiled: new Set() };

test("a manifest says what the app host needs, ports included", () => {
  const declaration = declarationOf("hello", { outboundHosts: ["api.example", "db.example:5432"], env: { A: "1" } });
  expect(JSON.parse(manifestText(declaration, sha("c"), "c.cwasm"))).toEqual({
    name: "hello",
    compiled: "c.cwasm",
    component: sha("c"),
    memory_mb: 64,
    timeout_ms: 1_000,
    concurrency: 16,
    outbound: ["api.example:443", "db.example:5432"],
    env: { A: "1" },
  });
});
test("another compile of the same component is another file", () => {
  const source = { component: sha("c"), engine, etag: "e1" };
  expect(compiledFile(source)).toBe(compiledFile({ ...source }));
  expect(compiledFile(source)).not.toBe(compiledFile({ ...source, etag: "e2" }));
});

const someIndex = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      pool: fc.constantFrom("web", "web", "other"),
      component: fc.option(fc.integer({ min: 0, max: 3 })),
      routes: fc.uniqueArray(fc.constantFrom("r1.x", "r2.x", "r3.x", "r4.x"), { maxLength: 3 }),
    }),
    { selector: ({ name }) => name },
  )
  .map((apps) => {
    const index: AppIndex = {
      engine,
      apps: Object.fromEntries(
        apps.map(({ name, pool, component }) => [
          name,
          {
            pool,
            declaration: `d-${name}`,
            ...(component === null ? {} : { serving: { component: sha(String(component)), compiledEtag: `e${component}` } }),
          },
        ]),
      ),
    };
    const declarations = new Map<string, AppDeclaration>(
      apps.map(({ name, pool, routes }) => [name, declarationOf(name, { pool, routes })]),
    );
    return { index, declarations };
  });

/** Every folder that a reader may see while the steps are taken, in the order the agent takes them. */
function* folders(found: FoundFolder, steps: FolderSteps, missing: ReadonlySet<string>): Generator<FoundFolder> {
  const manifests = new Map(found.manifests);
  const hosts = new Map(found.hosts);
  const compiled = new Set(found.compiled);
  const now = (): FoundFolder => ({ manifests: new Map(manifests), hosts: new Map(hosts), compiled: new Set(compiled) });
  for (const [file] of steps.download) if (!missing.has(file)) compiled.add(file);
  for (const [name, text] of steps.writeManifests) {
    manifests.set(name, text);
    yield now();
  }
  for (const [host, app] of steps.linkHosts) {
    hosts.set(host, app);
    yield now();
  }
  for (const host of steps.unlinkHosts) {
    hosts.delete(host);
    yield now();
  }
  for (const name of steps.removeManifests) {
    manifests.delete(name);
    yield now();
  }
  for (const file of steps.unusedCompiled) {
    compiled.delete(file);
    yield now();
  }
  yield now();
}

function expectWhole({ manifests, hosts, compiled }: FoundFolder): void {
  for (const app of hosts.values()) expect(manifests.has(app)).toBe(true);
  for (const text of manifests.values()) expect(compiled.has((JSON.parse(text) as { compiled: string }).compiled)).toBe(true);
}

const last = <T>(items: Iterable<T>, before: T): T => [...items].at(-1) ?? before;

describe("from any folder to any other", () => {
  test("nothing ever points at what is not there, the end is what is wanted, and then nothing is left to do", () => {
    fc.assert(
      fc.property(someIndex, someIndex, (before, after) => {
        const start = last(folders(empty, folderSteps(wantedFolder(before.index, "web", before.declarations), empty), new Set()), empty);
        const wanted = wantedFolder(after.index, "web", after.declarations);
        let end = start;
        for (end of folders(start, folderSteps(wanted, start), new Set())) expectWhole(end);
        expect(end).toEqual({ manifests: wanted.manifests, hosts: wanted.hosts, compiled: new Set(wanted.compiled.keys()) });
        const rest = folderSteps(wanted, end);
        expect(Object.values(rest).every((steps) => steps.length === 0)).toBe(true);
      }),
    );
  });
  test("what cannot be fetched leaves its apps as they were, and the others go on", () => {
    fc.assert(
      fc.property(someIndex, someIndex, fc.array(fc.nat(3)), (before, after, unfetched) => {
        const start = last(folders(empty, folderSteps(wantedFolder(before.index, "web", before.declarations), empty), new Set()), empty);
        const wanted = wantedFolder(after.index, "web", after.declarations);
        const lost = new Set(unfetched.map((number) => sha(String(number))));
        const missing = new Set(
          [...wanted.compiled].filter(([file, { component }]) => lost.has(component) && !start.compiled.has(file)).map(([file]) => file),
        );
        let end = start;
        for (end of folders(start, folderSteps(wanted, start, missing), missing)) expectWhole(end);
        for (const [name, text] of wanted.manifests) {
          const isMissing = missing.has((JSON.parse(text) as { compiled: string }).compiled);
          expect(end.manifests.get(name)).toBe(isMissing ? start.manifests.get(name) : text);
        }
      }),
    );
  });
  test("an app whose declaration could not be read keeps its manifest and its hosts", () => {
    fc.assert(
      fc.property(someIndex, (both) => {
        const wanted = wantedFolder(both.index, "web", both.declarations);
        const start = last(folders(empty, folderSteps(wanted, empty), new Set()), empty);
        const unread = wantedFolder(both.index, "web", new Map());
        const end = last(folders(start, folderSteps(unread, start), new Set()), start);
        expect(end).toEqual(start);
      }),
    );
  });
});
