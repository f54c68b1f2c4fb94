import { expect, test } from "vitest";
import { chooseEngine } from "../../../agent/apps/engine.ts";
import type { AppIndex } from "../../../constructs/core/app.ts";
import { sha } from "../support/documents.ts";

const component = sha("hello");
const previous: AppIndex = {
  engine: "w-1",
  apps: { hello: { pool: "web", declaration: "d", component, serving: { component, compiledEtag: "e" } } },
};
const base = { setting: undefined, nodes: [] as string[], previous: undefined, apps: new Set(["hello"]), isCompiled: () => false };

test("nobody knows an engine before the first node reports", () => {
  expect(chooseEngine(base)).toBeUndefined();
  expect(chooseEngine({ ...base, previous })).toEqual({ compile: "w-1", index: "w-1", awaited: [] });
});
test("the setting wins, then the most nodes, then the newer name", () => {
  expect(chooseEngine({ ...base, nodes: ["w-1", "w-2", "w-1"] })?.compile).toBe("w-1");
  expect(chooseEngine({ ...base, nodes: ["w-1", "w-2"] })?.compile).toBe("w-2");
  expect(chooseEngine({ ...base, nodes: ["w-1"], setting: "w-3" })?.compile).toBe("w-3");
});
test("the index goes over once everything served is compiled for the new engine", () => {
  const upgrade = { ...base, previous, nodes: ["w-1", "w-2", "w-2"] };
  expect(chooseEngine(upgrade)).toEqual({ compile: "w-2", index: "w-1", awaited: [component] });
  expect(chooseEngine({ ...upgrade, isCompiled: () => true })).toEqual({ compile: "w-2", index: "w-2", awaited: [] });
});
test("the index goes over as well once no node runs the old engine", () => {
  expect(chooseEngine({ ...base, previous, nodes: ["w-2"] })).toEqual({ compile: "w-2", index: "w-2", awaited: [component] });
});
test("apps that were taken away are not waited for", () => {
  expect(chooseEngine({ ...base, previous, nodes: ["w-2", "w-2", "w-1"], apps: new Set() })?.index).toBe("w-2");
});
