import type { App } from "cdktf";
import type { ImagesLock } from "../config/images.ts";
import type { ReleasesLock } from "../config/releases.ts";
import type { Environment } from "../config/schema.ts";
import { parseDuration, parseSize } from "../config/units.ts";
import type { AppDeclaration } from "../constructs/core/app.ts";
import type { AwsNomadPool, AwsNomadServers } from "../constructs/platforms/aws-nomad-props.ts";
import { AppsStack } from "./apps.ts";
import { BaseStack } from "./base.ts";
import { awsApi } from "./common.ts";
import { KeepStack } from "./keep.ts";
import { PlatformStack } from "./platform.ts";

/** What environments have in common. */
export interface Locks {
  readonly releases: ReleasesLock;
  readonly images: ImagesLock;
  readonly agentProgram: string;
}

/** Every stack of an environment, in each of its regions. */
export function addEnvironment(app: App, environment: Environment, { releases, images, agentProgram }: Locks): void {
  const { name, accountId, allowDestroy, state, platform } = environment;
  for (const [region, { cidr, zones, egress }] of Object.entries(environment.regions)) {
    const common = { environment: name, region, accountId, allowDestroy, state, api: environment.api ?? awsApi };
    new KeepStack(app, { ...common, pools: Object.keys(platform.pools) });
    const base = new BaseStack(app, { ...common, cidr, zones, egress });
    new PlatformStack(app, {
      ...common,
      platform: {
        kind: platform.kind,
        network: base.network,
        servers: serversOf(platform.servers),
        pools: poolsOf(platform.pools),
        releases,
        images: images[name]?.[region] ?? {},
        agentProgram,
      },
    });
    // Side by side with the platform; base first, so that an account that refuses the deploy has no apps either.
    new AppsStack(app, { ...common, apps: declarations(environment) }).addDependency(base);
  }
}

function serversOf({ disk, ...servers }: Environment["platform"]["servers"]): AwsNomadServers {
  return { ...servers, diskGb: parseSize(disk) / 1024 };
}

function poolsOf(pools: Environment["platform"]["pools"]): Record<string, AwsNomadPool> {
  return Object.fromEntries(
    Object.entries(pools).map(([name, { disk, domain, ...pool }]) => [
      name,
      { ...pool, ...(domain === undefined ? {} : { domain }), diskGb: parseSize(disk) / 1024 },
    ]),
  );
}

function declarations({ apps }: Environment): AppDeclaration[] {
  return Object.entries(apps).map(([name, { memory, requestTimeout, ...app }]) => ({
    name,
    ...app,
    memoryMb: parseSize(memory),
    requestTimeoutMs: parseDuration(requestTimeout),
  }));
}
