import { beforeEach, describe, expect, test } from "vitest";
import { LeadApps } from "../../../agent/apps/lead-apps.ts";
import type { Allocation, DispatchedJob, NomadClient } from "../../../agent/nomad/client.ts";
import type { AppIndex } from "../../../constructs/core/app.ts";
import { artefactKeys } from "../../../constructs/core/artefacts.ts";
import { declarationOf, sha } from "../support/documents.ts";
import { MemoryObjects } from "../support/memory-objects.ts";

const engine = "wasmtime-48.0.8";
const [one, two] = [sha("one"), sha("two")] as const;

describe("leader of apps", () => {
  let store: MemoryObjects;
  let runs: (DispatchedJob & { readonly payload: string; readonly token: string })[];
  let now: number;
  let nodes: string[];

  beforeEach(() => {
    store = new MemoryObjects();
    runs = [];
    now = 1_000_000;
    nodes = [engine];
  });

  const nomad: Pick<NomadClient, "dispatched" | "dispatch" | "allocations" | "stderrTail"> = {
    dispatched: async () => runs,
    dispatch: async (_job, { meta, payload, idempotencyToken }) => {
      const known = runs.find(({ token }) => token === idempotencyToken);
      if (known !== undefined) return known.id;
      const id = `compile/dispatch-${runs.length}`;
      runs.push({ id, meta, payload, token: idempotencyToken, status: "running", submittedAt: now });
      return id;
    },
    allocations: async (): Promise<Allocation[]> => [{ id: "a", clientStatus: "failed", events: ["Exit Code: 3"] }],
    stderrTail: async () => "app-compile: not a component\n",
  };
  const leader = () =>
    new LeadApps({
      store,
      nomad: nomad as NomadClient,
      log: () => undefined,
      engineSetting: undefined,
      nodeEngines: () => nodes,
      now: () => now,
    });
  const declare = (name: string) => store.put(artefactKeys.app(name), JSON.stringify(declarationOf(name)));
  const release = (name: string, component: string, uploaded = true) => {
    if (uploaded) store.put(artefactKeys.component(component), "wasm");
    const current = { component, releasedAt: "2026-01-01T00:00:00Z", releasedBy: "ci" };
    store.put(artefactKeys.release(name), JSON.stringify({ current, history: [] }));
  };
  const compiled = (component: string) => store.put(artefactKeys.compiled(component, engine), `native ${component}`);
  const index = () => JSON.parse(store.objects.get(artefactKeys.index) ?? "{}") as AppIndex;
  const indexWrites = () => store.writes.filter((key) => key === artefactKeys.index).length;

  test("from declaration to served release, with one compile and no write without a change", async () => {
    const led = leader();
    declare("hello");
    await led.round();
    expect(index().apps.hello).toMatchObject({ pool: "web" });
    release("hello", one);
    await led.round();
    await led.round();
    expect(runs).toHaveLength(1);
    expect(JSON.parse(runs[0]?.payload ?? "{}")).toEqual({
      from: `https://store.example/components/${one}.wasm?read`,
      sha256: one,
      to: `https://store.example/compiled/${one}-${engine}.cwasm?write`,
    });
    const etag = compiled(one);
    await led.round();
    expect(index().apps.hello?.serving).toEqual({ component: one, compiledEtag: etag });
    const writes = indexWrites();
    await led.round();
    expect(indexWrites()).toBe(writes);
    store.objects.delete(artefactKeys.app("hello"));
    await led.round();
    expect(index().apps).toEqual({});
  });
  test("a failed compile is told with its reason, the old release goes on, and it is tried again", async () => {
    const led = leader();
    declare("hello");
    release("hello", one);
    compiled(one);
    await led.round();
    release("hello", two);
    await led.round();
    runs = runs.map((run) => ({ ...run, status: "dead" }));
    await led.round();
    expect(index().apps.hello).toMatchObject({
      component: two,
      serving: { component: one },
      problem: `compile of ${two.slice(0, 12)} failed once: app-compile: not a component`,
    });
    now += 5_000;
    await led.round();
    expect(runs.map(({ token }) => token)).toEqual([`${two}-${engine}-0`, `${two}-${engine}-1`]);
    compiled(two);
    await led.round();
    expect(index().apps.hello).toMatchObject({ serving: { component: two } });
    expect(index().apps.hello).not.toHaveProperty("problem");
  });
  test("a new leader goes on where the old one stopped: nothing compiled twice, nothing taken away", async () => {
    declare("hello");
    release("hello", one);
    compiled(one);
    await leader().round();
    release("hello", two);
    await leader().round();
    await leader().round();
    expect(runs).toHaveLength(1);
    expect(index().apps.hello).toMatchObject({ component: two, serving: { component: one } });
  });
  test("an index written by another leader is read again before it is written", async () => {
    const led = leader();
    declare("hello");
    await led.round();
    store.put(artefactKeys.index, JSON.stringify({ engine, apps: {} }));
    declare("other");
    await expect(led.round()).rejects.toThrow();
    await led.round();
    expect(Object.keys(index().apps)).toEqual(["hello", "other"]);
  });
  test("without a node nothing is compiled; without any engine no index is made", async () => {
    nodes = [];
    declare("hello");
    release("hello", one);
    const led = leader();
    expect((await led.round()).index).toBeUndefined();
    expect(store.writes).toEqual([]);
    nodes = [engine];
    await led.round();
    nodes = [];
    release("hello", two);
    await led.round();
    expect(runs).toHaveLength(1);
    expect(index()).toMatchObject({ engine, apps: { hello: { component: two } } });
  });
});
