import { contains, overlap, readCidr } from "./cidr.ts";
import { isObject, sentence } from "./fields.ts";
import { isBelow, isHostName } from "./hosts.ts";
import { architectureOf, partitionOf, sandboxAccountId } from "./platforms.ts";
import type { Problem } from "./problem.ts";

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * The rules that join several settings. They read the environment as it was written, and say nothing of a setting that
 * is already wrong by itself, so that one mistake is one problem.
 */
export function checkWhole(environment: unknown): Found[] {
  if (!isObject(environment)) return [];
  const pools = sections(isObject(environment.platform) ? environment.platform.pools : undefined);
  return [
    ...regionCount(environment),
    ...partitions(environment),
    ...sections(environment.regions).flatMap(([region, settings]) => zones(region, settings)),
    ...blocks(environment),
    ...processors(environment, pools),
    ...ingress(environment, pools),
    ...domains(pools),
    ...appProcessors(pools),
    ...sections(environment.apps).flatMap(([app, settings]) => appPool(app, settings, pools)),
    ...routes(sections(environment.apps), pools),
  ];
}

function regionCount({ regions }: Settings): Found[] {
  if (!isObject(regions) || Object.keys(regions).length > 0) return [];
  return [
    found(["regions"], regions, { wrong: "is empty", expected: "one region or more", todo: "Add the region that the machines run in" }),
  ];
}

/** An account belongs to one partition, so all regions of an environment do. */
function partitions({ regions, state }: Settings): Found[] {
  const places: { readonly path: readonly PropertyKey[]; readonly region: string }[] = sections(regions).map(([region]) => ({
    path: ["regions", region],
    region,
  }));
  if (isObject(state) && state.kind === "s3" && typeof state.region === "string")
    places.push({ path: ["state", "region"], region: state.region });
  const first = places.map(({ region }) => partitionOf(region)).find((partition) => partition !== undefined);
  return places.flatMap(({ path, region }) => {
    const partition = partitionOf(region);
    if (partition === undefined || partition === first) return [];
    return [
      found(path, region, {
        wrong: `is in the partition ${partition}`,
        expected: `a region in ${first}, as the first one is`,
        todo: "Make an environment of its own for each partition; an account is in one only",
      }),
    ];
  });
}

const zoneCount = 3;

function zones(region: string, { zones }: Settings): Found[] {
  if (!Array.isArray(zones) || partitionOf(region) === undefined) return [];
  const path = ["regions", region, "zones"];
  const foreign = zones.flatMap((zone, index) =>
    typeof zone !== "string" || (zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length)))
      ? []
      : [
          found([...path, index], zone, {
            wrong: `is not a zone of ${region}`,
            expected: `${region} and one letter, e.g. "${region}a"`,
            todo: "Take a zone of the region",
          }),
        ],
  );
  if (zones.length === zoneCount && new Set(zones).size === zoneCount) return foreign;
  return [
    ...foreign,
    found(path, zones, {
      wrong: "is not three zones",
      expected: "three different zones",
      todo: "Name each zone once; servers keep their quorum when one of three is lost",
    }),
  ];
}

/** The sandbox's bridge is 10.0.0.0/8, and its own machines live in the last /16. */
const sandboxBridge = "10.0.0.0/8";
const sandboxMachines = "10.255.0.0/16";

function blocks({ regions, accountId }: Settings): Found[] {
  const valid = sections(regions).flatMap(([region, { cidr }]) => {
    const range = readCidr(cidr);
    return range === undefined ? [] : [{ path: ["regions", region, "cidr"], region, cidr, range }];
  });
  const overlapping = valid.flatMap(({ path, cidr, range }, index) =>
    valid.slice(0, index).flatMap((other) =>
      overlap(range, other.range)
        ? [
            found(path, cidr, {
              wrong: `overlaps with ${other.region}, which has ${other.cidr}`,
              expected: "a block of its own",
              todo: "Choose another block, so that regions can be joined",
            }),
          ]
        : [],
    ),
  );
  if (accountId !== sandboxAccountId) return overlapping;
  const bridge = readCidr(sandboxBridge);
  const own = readCidr(sandboxMachines);
  const outside = valid.flatMap(({ path, cidr, range }) =>
    bridge !== undefined && own !== undefined && contains(bridge, range) && !overlap(own, range)
      ? []
      : [
          found(path, cidr, {
            wrong: "does not fit the sandbox",
            expected: `a block in ${sandboxBridge} outside ${sandboxMachines}`,
            todo: "Choose another block; the sandbox's own machines have these addresses",
          }),
        ],
  );
  return [...overlapping, ...outside];
}

function processors({ platform }: Settings, pools: Sections): Found[] {
  const servers = isObject(platform) ? platform.servers : undefined;
  const machines: { readonly path: readonly PropertyKey[]; readonly settings: Settings }[] = [
    ...(isObject(servers) ? [{ path: ["platform", "servers"], settings: servers }] : []),
    ...pools.map(([pool, settings]) => ({ path: ["platform", "pools", pool], settings })),
  ];
  return machines.flatMap(({ path, settings: { arch, instanceType } }) => {
    const actual = architectureOf(instanceType);
    if (actual === undefined || (arch !== "amd64" && arch !== "arm64") || arch === actual) return [];
    return [
      found([...path, "arch"], arch, {
        wrong: `is not the processor of ${instanceType}`,
        expected: JSON.stringify(actual),
        todo: "Set it, or choose an instance type of the other processor",
      }),
    ];
  });
}

function ingress({ platform }: Settings, pools: Sections): Found[] {
  if (!isObject(platform) || !isObject(platform.pools) || pools.some(([, pool]) => pool.ingress !== false)) return [];
  return [
    found(["platform", "pools"], Object.keys(platform.pools), {
      wrong: "has no pool with ingress",
      expected: "one pool or more with ingress: true",
      todo: "Set it on the pool that stands behind the load balancer",
    }),
  ];
}

/** The ingress tells pools apart by their domains, so none may hold another. */
function domains(pools: Sections): Found[] {
  const named = pools.flatMap(([pool, { domain }]) => (isHostName(domain) ? [{ pool, domain }] : []));
  return named.flatMap(({ pool, domain }, index) =>
    named.slice(0, index).flatMap((other) =>
      domain === other.domain || isBelow(domain, other.domain) || isBelow(other.domain, domain)
        ? [
            found(["platform", "pools", pool, "domain"], domain, {
              wrong: `overlaps with pool ${other.pool}, which has ${other.domain}`,
              expected: "a domain of its own",
              todo: "Give each pool a domain that is not above or below another's",
            }),
          ]
        : [],
    ),
  );
}

/** Components are compiled once for all nodes that run apps, to native code: one engine and one processor. */
function appProcessors(pools: Sections): Found[] {
  const [first, ...others] = pools.filter(
    ([, { domain, arch, instanceType }]) => isHostName(domain) && arch !== undefined && arch === architectureOf(instanceType),
  );
  if (first === undefined) return [];
  const [firstPool, { arch: wanted }] = first;
  return others.flatMap(([pool, { arch }]) =>
    arch === wanted
      ? []
      : [
          found(["platform", "pools", pool, "arch"], arch, {
            wrong: `differs from pool ${firstPool}, which runs apps as well`,
            expected: JSON.stringify(wanted),
            todo: "Take one processor for all pools with a domain; their compiled apps are the same files",
          }),
        ],
  );
}

function appPool(app: string, { pool }: Settings, pools: Sections): Found[] {
  if (typeof pool !== "string") return [];
  const path = ["apps", app, "pool"];
  const hosting = pools.filter(([, { domain }]) => domain !== undefined).map(([name]) => name);
  const expected =
    hosting.length === 0 ? "a pool with a domain, and there is none" : `one of the pools with a domain: ${hosting.join(", ")}`;
  const settings = pools.find(([name]) => name === pool)?.[1];
  if (settings === undefined)
    return [found(path, pool, { wrong: "is not a pool of this environment", expected, todo: "Name one, or add the pool" })];
  if (settings.domain === undefined)
    return [found(path, pool, { wrong: "is a pool that runs no apps", expected, todo: "Name another, or give the pool a domain" })];
  return [];
}

function routes(apps: Sections, pools: Sections): Found[] {
  const owners = new Map<string, string>();
  return apps.flatMap(([app, { pool, routes }]) => {
    const domain = pools.find(([name]) => name === pool)?.[1].domain;
    return (Array.isArray(routes) ? routes : []).flatMap((route: unknown, index) => {
      if (!isHostName(route)) return [];
      const path = ["apps", app, "routes", index];
      const owner = owners.get(route);
      if (owner === undefined) owners.set(route, app);
      return [
        ...(isHostName(domain) && !isBelow(route, domain)
          ? [
              found(path, route, {
                wrong: `is not below the domain of pool ${pool}`,
                expected: `a host name that ends in .${domain}`,
                todo: "Rename the route, or choose the pool of its domain",
              }),
            ]
          : []),
        ...(owner !== undefined
          ? [
              found(path, route, {
                wrong: `is a route of app ${owner} already`,
                expected: "a host name that no other route has",
                todo: "Remove one of the two",
              }),
            ]
          : []),
      ];
    });
  });
}

type Sections = readonly (readonly [string, Settings])[];

/** The entries of an object that are groups of settings themselves. */
function sections(value: unknown): Sections {
  return isObject(value) ? Object.entries(value).filter((entry): entry is [string, Settings] => isObject(entry[1])) : [];
}

function found(path: readonly PropertyKey[], got: unknown, problem: Omit<Problem, "got">): Found {
  return { path, message: sentence(problem, got) };
}
