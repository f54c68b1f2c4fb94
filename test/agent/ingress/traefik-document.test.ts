import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { healthyAddresses } from "../../../agent/ingress/healthy-addresses.ts";
import { hostPattern, traefikDocument } from "../../../agent/ingress/traefik-document.ts";
import type { NomadNode } from "../../../agent/nomad/client.ts";

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const domain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));

describe("names below a domain", () => {
  test("match, whatever the names are", () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), domain, (labels, of) => {
        expect(`${labels.join(".")}.${of}`).toMatch(new RegExp(hostPattern(of)));
      }),
    );
  });
  test("nothing else matches: not the domain, nor what only looks like it", () => {
    fc.assert(
      fc.property(label, domain, (name, of) => {
        const pattern = new RegExp(hostPattern(of));
        for (const host of [
          of,
          `${name}-${of}`,
          `${name}.${of}.${name}x`,
          `${name}.${of.replaceAll(".", "-")}x`,
          `.${of}`,
          `${name}..${of}`,
        ]) {
          if (!host.endsWith(`.${of}`) || host.startsWith(".") || host.includes("..")) expect(host).not.toMatch(pattern);
        }
      }),
    );
  });
});

describe("Traefik's document", () => {
  test("one router and one service per pool", () => {
    const document = traefikDocument([
      { name: "web", domain: "apps.localhost", addresses: ["10.0.0.2", "10.0.0.1", "10.0.0.2"] },
      { name: "api", domain: "api.apps.localhost", addresses: [] },
    ]);
    expect(document).toEqual({
      http: {
        routers: {
          api: {
            entryPoints: ["web"],
            rule: "HostRegexp(`^([a-z0-9-]+\\.)+api\\.apps\\.localhost$`)",
            priority: 18,
            middlewares: ["another-node"],
            service: "api",
          },
          web: {
            entryPoints: ["web"],
            rule: "HostRegexp(`^([a-z0-9-]+\\.)+apps\\.localhost$`)",
            priority: 14,
            middlewares: ["another-node"],
            service: "web",
          },
        },
        services: {
          api: { loadBalancer: { servers: [], passHostHeader: true, serversTransport: "app-hosts" } },
          web: {
            loadBalancer: {
              servers: [{ url: "http://10.0.0.1:8100" }, { url: "http://10.0.0.2:8100" }],
              passHostHeader: true,
              serversTransport: "app-hosts",
            },
          },
        },
        middlewares: { "another-node": { retry: { attempts: 3, initialInterval: "50ms" } } },
        serversTransports: { "app-hosts": { forwardingTimeouts: { dialTimeout: "300ms", idleConnTimeout: "15s" } } },
      },
    });
  });
  test("no pool, no maps: Traefik takes empty ones for mistakes", () => {
    expect(traefikDocument([])).toEqual({});
  });
  test("the order in which pools and addresses come does not matter", () => {
    const pools = fc.uniqueArray(fc.record({ name: label, domain, addresses: fc.uniqueArray(fc.ipV4(), { maxLength: 4 }) }), {
      selector: ({ name }) => name,
      maxLength: 4,
    });
    fc.assert(
      fc.property(pools, (some) => {
        const turned = [...some].reverse().map((pool) => ({ ...pool, addresses: [...pool.addresses].reverse() }));
        expect(JSON.stringify(traefikDocument(turned))).toBe(JSON.stringify(traefikDocument(some)));
      }),
    );
  });
});

describe("addresses that get requests", () => {
  const node = (address: string, ready = true, pool = "web"): NomadNode => ({
    id: address,
    name: address,
    address,
    pool,
    ready,
    status: ready ? "ready" : "down",
    memoryMb: 1_000,
  });
  const choose = (nodes: NomadNode[], failures: [string, number][], before: string[] = []) =>
    healthyAddresses({ pool: "web", nodes, failures: new Map(failures), before });

  test("nodes that are ready and answer; one lost probe is forgiven", () => {
    expect(
      choose(
        [node("b"), node("a"), node("c"), node("d", false), node("e", true, "other")],
        [
          ["a", 0],
          ["b", 1],
          ["c", 2],
          ["d", 0],
          ["e", 0],
        ],
      ),
    ).toEqual(["a", "b"]);
  });
  test("a node that was never probed waits outside", () => {
    expect(choose([node("a"), node("new")], [["a", 0]])).toEqual(["a"]);
  });
  test("no node answers: all ready ones", () => {
    expect(
      choose(
        [node("a"), node("b"), node("c", false)],
        [
          ["a", 9],
          ["b", 9],
        ],
        ["x"],
      ),
    ).toEqual(["a", "b"]);
  });
  test("no node is ready: those of before", () => {
    expect(choose([node("a", false)], [], ["b", "a"])).toEqual(["a", "b"]);
  });
});
