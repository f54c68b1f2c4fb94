import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AppDocuments, computeIndex, indexText, listedApps, releasedComponents } from "../../../agent/apps/app-index.ts";
import { parseIndex } from "../../../agent/apps/documents.ts";
import type { AppIndex } from "../../../constructs/core/app.ts";
import { documentsOf, sha } from "../support/documents.ts";

const engine = "wasmtime-48.0.8";
const none = { engine, problems: new Map<string, string>(), compiled: new Map<string, string>(), previous: undefined };
const [one, two] = [sha("one"), sha("two")] as const;

describe("listing", () => {
  test("an app is there while it is declared", () => {
    const listed = listedApps([
      { key: "apps/index.json", etag: "i" },
      { key: "apps/hello/app.json", etag: "a" },
      { key: "apps/hello/release.json", etag: "r" },
      { key: "apps/never-released/app.json", etag: "b" },
      { key: "apps/taken-away/release.json", etag: "c" },
      { key: "apps/Not A Name/app.json", etag: "d" },
      { key: "apps/deep/er/app.json", etag: "e" },
    ]);
    expect([...listed]).toEqual([
      ["hello", { declaration: "a", release: "r" }],
      ["never-released", { declaration: "b" }],
    ]);
  });
});

describe("index", () => {
  const entryOf = (documents: AppDocuments, change: Partial<Parameters<typeof computeIndex>[0]> = {}) =>
    computeIndex({ ...none, apps: new Map([["hello", documents]]), ...change }).apps.hello;
  const serving = (component: string): AppIndex => ({
    engine,
    apps: { hello: { pool: "web", declaration: "x", component, serving: { component, compiledEtag: "e1" } } },
  });

  test("a declared app that was never released serves nothing", () => {
    expect(entryOf(documentsOf("hello"))).toEqual({ pool: "web", declaration: documentsOf("hello").listed.declaration });
  });
  test("a release that is not compiled leaves the one served so far", () => {
    const entry = entryOf(documentsOf("hello", two), { previous: serving(one) });
    expect(entry).toMatchObject({ component: two, serving: { component: one, compiledEtag: "e1" } });
    expect(entry).not.toHaveProperty("problem");
  });
  test("a compiled release is served, and a rollback is again", () => {
    const compiled = new Map([
      [one, "e1"],
      [two, "e2"],
    ]);
    expect(entryOf(documentsOf("hello", two), { previous: serving(one), compiled })?.serving).toEqual({
      component: two,
      compiledEtag: "e2",
    });
    expect(entryOf(documentsOf("hello", one), { previous: serving(two), compiled })?.serving).toEqual({
      component: one,
      compiledEtag: "e1",
    });
  });
  test("a compiled form that vanished is still served: the nodes have it", () => {
    expect(entryOf(documentsOf("hello", one), { previous: serving(one) })?.serving).toEqual({ component: one, compiledEtag: "e1" });
  });
  test("a problem is said beside what is served", () => {
    const entry = entryOf(documentsOf("hello", two), { previous: serving(one), problems: new Map([[two, "too big"]]) });
    expect(entry).toMatchObject({ serving: { component: one }, problem: "too big" });
  });
  test("broken documents keep what was there, with the reason", () => {
    const broken = { ok: false, problem: "app.json: no JSON" } as const;
    const entry = entryOf({ ...documentsOf("hello", two), declaration: broken }, { previous: serving(one) });
    expect(entry).toEqual({ ...serving(one).apps.hello, problem: "app.json: no JSON" });
    const release = { ok: false, problem: "release.json: no JSON" } as const;
    expect(entryOf({ ...documentsOf("hello", two), release }, { previous: serving(one) })).toMatchObject({
      component: one,
      serving: { component: one },
      problem: "release.json: no JSON",
    });
  });
  test("what another engine compiled is not served", () => {
    const previous = { ...serving(one), engine: "wasmtime-36.0.0" };
    expect(entryOf(documentsOf("hello", two), { previous })).not.toHaveProperty("serving");
    expect(entryOf(documentsOf("hello", two), { previous, compiled: new Map([[one, "n1"]]) })?.serving).toEqual({
      component: one,
      compiledEtag: "n1",
    });
  });
  test("of two apps with one route the second is told", () => {
    const apps = new Map([
      ["b", documentsOf("b", undefined, { routes: ["x.apps.localhost"] })],
      ["a", documentsOf("a", undefined, { routes: ["x.apps.localhost"] })],
    ]);
    const index = computeIndex({ ...none, apps });
    expect(index.apps.a).not.toHaveProperty("problem");
    expect(index.apps.b?.problem).toBe("app.json: route x.apps.localhost belongs to app a. Take it out of one of the two");
  });
});

const someApps = fc
  .uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), release: fc.option(fc.integer({ min: 0, max: 5 })) }), {
    selector: ({ name }) => name,
    maxLength: 12,
  })
  .map(
    (apps) =>
      new Map(apps.map(({ name, release }) => [name, documentsOf(name, release === null ? undefined : sha(String(release)))] as const)),
  );
const someCompiled = fc
  .uniqueArray(fc.integer({ min: 0, max: 5 }))
  .map((numbers) => new Map(numbers.map((number) => [sha(String(number)), `etag${number}`] as const)));

describe("index, whatever the bucket holds", () => {
  test("has the declared apps and no others, serves only what is compiled, and is readable", () => {
    fc.assert(
      fc.property(someApps, someCompiled, (apps, compiled) => {
        const index = computeIndex({ ...none, apps, compiled });
        expect(Object.keys(index.apps)).toEqual([...apps.keys()].sort());
        for (const { component, serving } of Object.values(index.apps)) {
          const etag = component === undefined ? undefined : compiled.get(component);
          expect(serving).toEqual(etag === undefined ? undefined : { component, compiledEtag: etag });
        }
        expect(parseIndex(indexText(index))).toEqual({ ok: true, document: index });
      }),
    );
  });
  test("does not depend on the order of the listing, and a second look changes nothing", () => {
    fc.assert(
      fc.property(someApps, someCompiled, (apps, compiled) => {
        const first = computeIndex({ ...none, apps, compiled });
        const reversed = computeIndex({ ...none, apps: new Map([...apps].reverse()), compiled });
        const second = computeIndex({ ...none, apps, compiled, previous: first });
        expect(indexText(reversed)).toBe(indexText(first));
        expect(indexText(second)).toBe(indexText(first));
      }),
    );
  });
  test("a component once served stays served through every next release until that is compiled", () => {
    fc.assert(
      fc.property(someApps, someApps, someCompiled, (before, after, compiled) => {
        const previous = computeIndex({ ...none, apps: before, compiled });
        const index = computeIndex({ ...none, apps: after, compiled, previous });
        for (const [name, { serving }] of Object.entries(previous.apps)) {
          if (serving !== undefined && after.get(name)?.release !== undefined) expect(index.apps[name]?.serving).toBeDefined();
        }
      }),
    );
  });
  test("wants each released component once", () => {
    fc.assert(
      fc.property(someApps, (apps) => {
        const wanted = new Set([...apps.values()].flatMap(({ release }) => (release?.ok ? [release.document.current.component] : [])));
        expect(new Set(releasedComponents(apps).keys())).toEqual(wanted);
      }),
    );
  });
});
