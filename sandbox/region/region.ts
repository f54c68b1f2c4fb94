import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { cloudMachine, metadataAddress } from "../addresses.ts";
import { BalancerMachine, writeTargetHealth } from "../load-balancer/balancer-machine.ts";
import { RoleCredentialsCache } from "../metadata/credentials.ts";
import { createMetadataServer } from "../metadata/server.ts";
import { TokenIssuer } from "../metadata/token.ts";
import { listLoadBalancers } from "./balancers.ts";
import { type RegionClientsProps, regionClients } from "./clients.ts";
import { type Instance, isWanted, type LaunchSettings, launchSettings, listInstances } from "./instances.ts";
import { writeMachines } from "./machine-states.ts";
import { RegionMachines } from "./machines.ts";

export interface RegionProps extends RegionClientsProps {
  readonly stateFolder: string;
  readonly tree: string;
  readonly cloudLayer: string;
  /** Milliseconds between two looks at the emulator. */
  readonly everyMs: number;
  readonly log: (line: string) => void;
}

/** Follows the emulator for ever: machines, load balancers, metadata. Ends when the signal is given; machines stay. */
export async function runRegion(props: RegionProps, ended: AbortSignal): Promise<void> {
  const { stateFolder, log } = props;
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const clients = regionClients(props);
  const credentials = new RoleCredentialsCache(clients.iam, clients.sts);
  const launches = new Map<string, Promise<LaunchSettings>>();
  let instances: Instance[] = [];

  const machines = new RegionMachines({
    stateFolder,
    tree: props.tree,
    others: [cloudMachine],
    terminate: async (id) => {
      await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
    log,
  });
  const balancer = new BalancerMachine({ stateFolder, tree: props.tree, layer: props.cloudLayer, log });

  const launchOf = (instance: Instance): Promise<LaunchSettings> => {
    const known = launches.get(instance.id);
    if (known !== undefined) return known;
    const asked = launchSettings(clients.ec2, instance);
    launches.set(instance.id, asked);
    asked.catch(() => launches.delete(instance.id));
    return asked;
  };

  const metadata = createMetadataServer({
    tokens: new TokenIssuer(tokenKey(stateFolder)),
    sourceOf: async (address) => {
      const instance = instances.find((each) => each.address === address && isWanted(each));
      if (instance === undefined) return undefined;
      const launch = await launchOf(instance);
      const { profile } = launch;
      const role = async () => (profile === undefined ? undefined : credentials.get(instance.id, profile));
      return { instance, launch, region: props.region, credentials: role };
    },
  });
  await new Promise<void>((resolve, reject) => {
    metadata.once("error", reject);
    metadata.listen(80, metadataAddress, resolve);
  });
  log(`metadata service at ${metadataAddress}`);

  const follow = async () => {
    await balancer.ensure();
    instances = await listInstances(clients.ec2, clients.autoscaling);
    machines.reconcile(instances);
    writeMachines(stateFolder, machines.describe(instances));
    for (const id of launches.keys()) {
      if (instances.some((each) => each.id === id && isWanted(each))) continue;
      launches.delete(id);
      credentials.forget(id);
    }
    const byId = new Map(instances.filter(isWanted).map(({ id, address }) => [id, address]));
    const isAddress = (target: string) => /^\d+(\.\d+){3}$/.test(target);
    const balancers = await listLoadBalancers(clients.balancers, (target) => byId.get(target) ?? (isAddress(target) ? target : undefined));
    writeTargetHealth(stateFolder, await balancer.serve(balancers));
  };
  let problem = "";
  while (!ended.aborted) {
    const text = await follow().then(
      () => "",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    // One line for each change: an emulator that is away stays away for many looks.
    if (text !== problem) log(text === "" ? "follows the emulator again" : `waits: ${text}`);
    problem = text;
    await delay(props.everyMs, undefined, { signal: ended }).catch(() => undefined);
  }
  metadata.close();
  metadata.closeAllConnections();
  await machines.idle();
}

/** Key of the metadata tokens; kept, so that they stay valid over a restart of the daemon. */
function tokenKey(stateFolder: string): Buffer {
  const file = join(stateFolder, "metadata-key");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600 });
  return readFileSync(file);
}
