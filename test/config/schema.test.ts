import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConfigError, parseEnvironment } from "../../config/load.ts";
import { appsCases } from "./cases/apps.ts";
import { machinesCases } from "./cases/machines.ts";
import { placeCases } from "./cases/place.ts";
import { wholeCases } from "./cases/whole.ts";
import { exampleEnvironment, spoilt } from "./example.ts";

const cases = [...placeCases, ...machinesCases, ...appsCases, ...wholeCases];

test("accepts the example, and fills in only what costs nothing and opens nothing", () => {
  const environment = parseEnvironment(exampleEnvironment(), "example.ts");
  expect(environment).toEqual({
    ...exampleEnvironment(),
    apps: {
      hello: exampleEnvironment().apps.hello,
      shop: { ...exampleEnvironment().apps.shop, outboundHosts: [], env: {} },
    },
  });
});

test.each([
  ["5 servers", [["platform.servers.count", 5]]],
  ["no api settings", [["api", undefined]]],
  ["local states", [["state", { kind: "local", folder: "./states/example" }]]],
  ["no apps", [["apps", {}]]],
  ["a block of /20 in 192.168.0.0/16", [["regions.us-east-1.cidr", "192.168.240.0/20"]]],
  ["10.255.0.0/16 on AWS", [["regions.us-east-1.cidr", "10.255.0.0/16"]]],
  [
    "another processor for a pool without apps",
    [
      ["platform.pools.plain.instanceType", "m7g.large"],
      ["platform.pools.plain.arch", "arm64"],
    ],
  ],
  ["a deep route", [["apps.hello.routes", ["a.b.c.apps.example.com"]]]],
] as const)("accepts %s", (_, change) => {
  expect(problemsWith(change)).toEqual([]);
});

describe("fails in one line where", () => {
  test.each(cases)("$rule", ({ change, says }) => {
    expect(problemsWith(change)).toEqual(says);
  });
});

describe("takes the ends of a range and nothing beyond:", () => {
  const isNotFileName = (line: string) => !line.startsWith("example.name: is not the name of its file");
  const local = [["state", { kind: "local" }]] as const;

  test.each([
    ["name", ["ex", "e123456789abcdef"], ["e", "e123456789abcdefg", "1ex", "Example", "ex\n"]],
    ["accountId", ["000000000001", "999999999999"], ["1111222233334", 111122223333, "11112222333a"]],
    ["api.maxRetries", [0, 25], [-1, 26, 2.5, "3", Number.NaN, null]],
    ["state.folder", ["states", "/var/lib/states", "cdktf.outside"], ["", "cdktf.out", "./.build/x", "states\n", "~/$(id)"]],
    ["regions.us-east-1.cidr", ["10.30.0.0/16", "10.30.16.0/20", "172.31.0.0/16"], ["10.0.0.0/15", "10.30.0.0/21", "10.30.0.0/16\n"]],
    ["platform.servers.count", [3, 5], [1, 2, 4, 6, "3"]],
    ["platform.servers.disk", ["8 GB", "1 TB", "16 TB", "16384 MB"], ["7 GB", "16385 GB", "17 TB", "20481 MB", "20GB", 20]],
    ["platform.pools.plain.size", [1, 200], [0, 201, 1.5, "1", -1]],
    ["apps.hello.memory", ["1 MB", "1024 MB", "1 GB"], ["0 MB", "1025 MB", "2 GB", "64", 64, "64 mb"]],
    [
      "apps.hello.requestTimeout",
      ["1 millisecond", "300000 milliseconds", "5 minutes"],
      ["0 seconds", "300001 milliseconds", "6 minutes", 1000],
    ],
    ["apps.hello.concurrency", [1, 1000], [0, 1001, 1.5, "16"]],
    [
      "apps.hello.env",
      [{ _: "" }, { [`A${"b".repeat(127)}`]: "x" }],
      [{ "1A": "" }, { "": "" }, { [`A${"b".repeat(128)}`]: "x" }, { A: null }],
    ],
  ] as const)("%s", (path, right, wrong) => {
    const problems = (value: unknown) => problemsWith([...(path === "state.folder" ? local : []), [path, value]]).filter(isNotFileName);
    expect(right.filter((value) => problems(value).length > 0)).toEqual([]);
    expect(wrong.filter((value) => problems(value).length !== 1)).toEqual([]);
  });
});

test.each([
  ["platform.pools", ["w", "web-2", `w${"-".repeat(18)}w`], ["", "-web", "web-", "2web", "we_b", "a2345678901234567890x", "default"]],
  ["apps", ["a", "my-app", `a${"-".repeat(38)}b`], ["", "-app", "app-", "2app", "App", "my_app", "my.app", `a${"b".repeat(40)}`]],
] as const)("takes the ends of a name's range in %s and nothing beyond", (path, right, wrong) => {
  const value = {
    "platform.pools": { size: 1, instanceType: "m7g.large", arch: "arm64", disk: "50 GB", ingress: false },
    apps: { pool: "web", routes: ["new.apps.example.com"], memory: "1 MB", requestTimeout: "1 second", concurrency: 1 },
  }[path];
  const problems = (name: string) => problemsOf(spoilt([[[...path.split("."), name], value]]));
  expect(right.filter((name) => problems(name).length > 0)).toEqual([]);
  expect(wrong.filter((name) => problems(name).length !== 1)).toEqual([]);
});

test("has a failing case for every text that a rule can say", () => {
  const said = cases.flatMap(({ says }) => says).join("\n");
  const sources = ["fields", "load", "rules", "schema", "settings"].map((name) =>
    readFileSync(new URL(`../../config/${name}.ts`, import.meta.url), "utf8"),
  );
  // Up to the first hole of a template: `is not a zone of ${region}`.
  const texts = sources.flatMap((source) => [...source.matchAll(/wrong: ["`]([^"`$]+)/g)].map(([, text]) => text ?? ""));
  expect(texts.length).toBeGreaterThan(30);
  // Its case is in load.test.ts: it needs a folder, not an environment.
  expect(texts.filter((text) => !said.includes(text))).toEqual(["is not listed"]);
});

test("fails for every setting that is left out, except those with a default", () => {
  const optional = ["api", "platform.pools.*.domain", "apps.*.outboundHosts", "apps.*.env"];
  const paths = settingPaths(exampleEnvironment());
  expect(paths.length).toBeGreaterThan(40);
  const accepted = paths.filter((path) => {
    const says = problemsWith([[path, undefined]]);
    return !says.some((line) => line.startsWith(`example.${path}: is missing, got nothing; expected `));
  });
  const pattern = (path: string) => path.replace(/^(regions|platform\.pools|apps)\.[^.]+\./, "$1.*.");
  expect(new Set(accepted.map(pattern))).toEqual(new Set(optional));
});

test("fails for every group of settings that has one more", () => {
  const groups = ["", "state", "api", "regions.us-east-1", "platform", "platform.servers", "platform.pools.web", "apps.hello"];
  const silent = groups.filter((group) => {
    const path = group === "" ? "surplus" : `${group}.surplus`;
    const [line, ...more] = problemsWith([[path, "hunter2"]]);
    return more.length > 0 || !line?.startsWith(`example.${path}: is not a setting, got "surplus"; expected one of `);
  });
  expect(silent).toEqual([]);
});

test("reports all problems at once, those that join settings too", () => {
  const says = problemsWith([
    ["accountId", "1"],
    ["state", undefined],
    ["surplus", 1],
    ["regions.us-east-1.cidr", "10.20.0.0/16"],
    ["platform.servers.disk", "20"],
    ["platform.pools.web.arch", "arm64"],
    ["apps.hello.memory", "2 GB"],
    ["apps.hello.pool", "none"],
    ["apps.shop.routes", ["hello.apps.example.com", "UPPER.example.com"]],
    ["apps.Third", 3],
  ]);
  expect(says.map((line) => line.slice(0, line.indexOf(":"))).sort()).toEqual([
    "example.accountId",
    "example.apps.Third",
    "example.apps.Third",
    "example.apps.hello.memory",
    "example.apps.hello.pool",
    "example.apps.shop.routes[0]",
    "example.apps.shop.routes[0]",
    "example.apps.shop.routes[1]",
    "example.platform.pools.web.arch",
    "example.platform.servers.disk",
    "example.regions.us-east-1.cidr",
    "example.state",
    "example.surplus",
  ]);
});

test.each([undefined, null, 7, "text", []])("fails in one line for %j instead of an environment", (input) => {
  expect(problemsOf(input)).toHaveLength(1);
});

test("keeps a problem on one line, however the value looks", () => {
  const [line, ...more] = problemsWith([["accountId", `1\n2\r\n${"x".repeat(500)}`]]);
  expect(more).toEqual([]);
  expect(line).toMatch(/^example\.accountId: is not an AWS account id, got "1\\n2\\r\\nx+\.\.\.; expected [^\n\r]+$/);
  expect(line?.length).toBeLessThan(250);
});

function problemsWith(change: readonly (readonly [string, unknown])[]): readonly string[] {
  return problemsOf(spoilt(change.map(([path, value]) => [path.split("."), value])));
}

function problemsOf(input: unknown): readonly string[] {
  try {
    parseEnvironment(input, "config/environments/example.ts");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).toBe(error.problems.join("\n"));
    return error.problems;
  }
}

/** Paths of all settings whose names the schema chooses, not the author. */
function settingPaths(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    const here = path === "" ? key : `${path}.${key}`;
    const chosen = ["regions", "platform.pools", "apps"].includes(path) || path.endsWith(".env");
    const inner = typeof child === "object" && child !== null && !Array.isArray(child) ? settingPaths(child, here) : [];
    return chosen ? inner : [here, ...inner];
  });
}
