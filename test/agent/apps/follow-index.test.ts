import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderStore } from "../../../agent/apps/folder-store.ts";
import { FollowIndex } from "../../../agent/apps/follow-index.ts";
import type { AppIndex } from "../../../constructs/core/app.ts";
import { artefactKeys } from "../../../constructs/core/artefacts.ts";
import { declarationOf, sha } from "../support/documents.ts";
import { etagOf, MemoryObjects } from "../support/memory-objects.ts";

const engine = "wasmtime-48.0.8";
const [one, two] = [sha("one"), sha("two")] as const;

describe("a node that follows the index", () => {
  let root: string;
  let store: MemoryObjects;
  let folder: FolderStore;
  let now: number;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "follow-"));
    store = new MemoryObjects();
    folder = new FolderStore(root);
    now = 0;
    await folder.prepare();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const follow = (nodeEngine: string | undefined = engine) =>
    new FollowIndex({ store, folder, pool: "web", engine: () => nodeEngine, log: () => undefined, now: () => now });
  const names = (of: string) => readdirSync(join(root, of)).sort();
  const manifest = (app: string) => JSON.parse(readFileSync(join(root, "apps", `${app}.json`), "utf8")) as Record<string, unknown>;
  /** Publishes apps, each with the component it serves. */
  const publish = (apps: Record<string, string>): string => {
    const index: AppIndex = {
      engine,
      apps: Object.fromEntries(
        Object.entries(apps).map(([name, component]) => {
          const declaration = store.put(artefactKeys.app(name), JSON.stringify(declarationOf(name)));
          const compiledEtag = store.put(artefactKeys.compiled(component, engine), `native ${component}`);
          return [name, { pool: "web", declaration, component, serving: { component, compiledEtag } }];
        }),
      ),
    };
    return store.put(artefactKeys.index, JSON.stringify(index));
  };

  test("reports an index once the app host has had its second to take it up; until then the one before", async () => {
    const first = publish({ hello: one });
    const node = follow();
    await node.round();
    expect(node.takenUp).toBeUndefined();
    now += 1_100;
    expect(node.takenUp?.etag).toBe(first);
    const second = publish({ hello: two });
    await node.round();
    now += 1_000;
    expect(node.takenUp?.etag).toBe(first);
    now += 100;
    expect(node.takenUp?.etag).toBe(second);
  });

  test("has its apps, readable by the app host, and asks once while nothing changes", async () => {
    const etag = publish({ hello: one, other: one });
    const node = follow();
    await node.round();
    expect(node.applied).toEqual({ etag, failed: [] });
    expect(names("apps")).toEqual(["hello.json", "other.json"]);
    expect(names("compiled")).toHaveLength(1);
    expect(readlinkSync(join(root, "hosts", "hello.apps.localhost"))).toBe("../apps/hello.json");
    expect(readFileSync(join(root, "compiled", String(manifest("hello").compiled)), "utf8")).toBe(`native ${one}`);
    for (const of of ["apps", "compiled"]) for (const name of names(of)) expect(statSync(join(root, of, name)).mode & 0o444).toBe(0o444);
    const reads = store.reads;
    await node.round();
    expect(store.reads).toBe(reads + 1);
  });
  test("goes to a new release; the old compiled file stays a minute for whoever is opening it", async () => {
    publish({ hello: one });
    const node = follow();
    await node.round();
    publish({ hello: two });
    await node.round();
    expect(manifest("hello").component).toBe(two);
    expect(names("compiled")).toHaveLength(2);
    now += 59_999;
    await node.round();
    expect(names("compiled")).toHaveLength(2);
    now += 60_001;
    await node.round();
    expect(names("compiled")).toEqual([String(manifest("hello").compiled)]);
  });
  test("without the store it keeps everything, also after a start anew", async () => {
    publish({ hello: one });
    await follow().round();
    store.failure = new Error("no route to host");
    const started = follow();
    await expect(started.round()).rejects.toThrow("no route to host");
    expect(names("hosts")).toEqual(["hello.apps.localhost"]);
    expect(names("apps")).toEqual(["hello.json"]);
  });
  test("an index that vanished takes nothing away", async () => {
    publish({ hello: one });
    const node = follow();
    await node.round();
    store.objects.clear();
    await node.round();
    expect(names("apps")).toEqual(["hello.json"]);
  });
  test("a compiled component that is not there fails its app only, and is tried again", async () => {
    publish({ hello: one, other: two });
    const native = store.objects.get(artefactKeys.compiled(two, engine)) ?? "";
    store.objects.delete(artefactKeys.compiled(two, engine));
    const node = follow();
    await node.round();
    expect(node.applied?.failed).toEqual(["other"]);
    expect(names("apps")).toEqual(["hello.json"]);
    expect(names("compiled")).toHaveLength(1);
    store.put(artefactKeys.compiled(two, engine), native);
    now += 5_000;
    await node.round();
    expect(node.applied?.failed).toEqual([]);
    expect(names("apps")).toEqual(["hello.json", "other.json"]);
  });
  test("an app that left the index leaves the folder, one of another pool never comes", async () => {
    publish({ hello: one, other: one });
    const node = follow();
    await node.round();
    const index: AppIndex = {
      engine,
      apps: {
        other: { pool: "api", declaration: "d", component: one, serving: { component: one, compiledEtag: etagOf(`native ${one}`) } },
      },
    };
    store.put(artefactKeys.index, JSON.stringify(index));
    await node.round();
    expect(names("apps")).toEqual([]);
    expect(names("hosts")).toEqual([]);
  });
  test("an index for another engine, or one that is no index, changes nothing and says so", async () => {
    publish({ hello: one });
    await follow().round();
    await expect(follow("wasmtime-60.0.0").round()).rejects.toThrow(
      `index is for engine ${engine}, got an app host with wasmtime-60.0.0. The leader goes over once all is compiled`,
    );
    store.put(artefactKeys.index, JSON.stringify({ engine, apps: { "../../etc": {} } }));
    await expect(follow().round()).rejects.toThrow(/^apps\/index\.json: index\.json: apps/);
    expect(names("apps")).toEqual(["hello.json"]);
  });
  test("what a crash left unfinished is cleared, and never seen as a file of the folder", async () => {
    writeFileSync(join(root, "compiled", ".new-0123"), "half");
    expect((await folder.read()).compiled).toEqual(new Set());
    await folder.prepare();
    expect(names("compiled")).toEqual([]);
  });
});
