import { existsSync, statSync } from "node:fs";
import { isAlive } from "../host/processes.ts";
import { bootMachine, machineFolder, machineInit, runningMachine, stopMachine } from "../machines/machine.ts";
import { knownMachines } from "../machines/reap.ts";
import { type Instance, isWanted } from "./instances.ts";
import { type BootResult, bootResult, type Machine } from "./machine-states.ts";

export interface RegionMachinesProps {
  readonly stateFolder: string;
  /** The machines' tree; machines wait until it is there. */
  readonly tree: string;
  /** Names that are not instances: they are left alone. */
  readonly others: readonly string[];
  /** Ends an instance in the emulator, so that its group replaces it. */
  readonly terminate: (instanceId: string) => Promise<void>;
  readonly log: (line: string) => void;
}

/** An orderly power-off; EC2 gives a few minutes, and our services need seconds. */
const powerOffMs = 30_000;

/** Keeps a machine running for each instance: boots, stops, and notices those that died. */
export class RegionMachines {
  /** One piece of work at a time for each machine. */
  private readonly busy = new Map<string, { readonly what: "booting" | "stopping"; readonly done: Promise<void> }>();
  private readonly results = new Map<string, BootResult>();
  /** Seen running by this daemon or an earlier one: when it does not, it died. */
  private readonly booted = new Set<string>();

  constructor(private readonly props: RegionMachinesProps) {}

  /** Compares instances with machines and starts what is to be done; returns at once. */
  reconcile(instances: readonly Instance[]): void {
    const wanted = new Map(instances.filter(isWanted).map((instance) => [instance.id, instance]));
    const known = new Set(knownMachines(this.props.stateFolder).filter((name) => !this.props.others.includes(name)));
    for (const [id, instance] of wanted) {
      if (this.busy.has(id)) continue;
      if (runningMachine(this.props.stateFolder, id) !== undefined) this.booted.add(id);
      else if (this.booted.has(id) || this.hasRecord(id)) this.lost(id);
      else if (existsSync(this.props.tree)) this.boot(instance);
    }
    for (const id of known) if (!wanted.has(id) && !this.busy.has(id)) this.stop(id);
  }

  /** Machines of all instances that have not ended. */
  describe(instances: readonly Instance[]): Machine[] {
    const counts = new Map<string, number>();
    const stopping = (id: string) => this.busy.get(id)?.what === "stopping";
    return instances
      .filter((instance) => isWanted(instance) || stopping(instance.id))
      .sort((one, other) => one.launchedAt.localeCompare(other.launchedAt) || one.address.localeCompare(other.address))
      .map((instance) => {
        const kind = instance.tags.pool ?? (instance.tags.role === undefined || instance.tags.role === "" ? "machine" : instance.tags.role);
        const number = (counts.get(kind) ?? 0) + 1;
        counts.set(kind, number);
        return { name: `${kind}-${number}`, ...this.machine(instance, stopping(instance.id)) };
      });
  }

  /** Resolves when nothing is being booted or stopped. */
  async idle(): Promise<void> {
    await Promise.all([...this.busy.values()].map(({ done }) => done));
  }

  private machine(instance: Instance, stopping: boolean): Omit<Machine, "name"> {
    const record = runningMachine(this.props.stateFolder, instance.id);
    const init = record === undefined || this.results.has(instance.id) ? undefined : machineInit(record);
    const result = this.results.get(instance.id) ?? (init === undefined ? undefined : bootResult(init.pid));
    if (result !== undefined && !this.results.has(instance.id)) {
      this.results.set(instance.id, result);
      this.props.log(`${instance.id}: user data ${result.problem === undefined ? "done" : `failed: ${result.problem}`}`);
    }
    const state = stopping
      ? "stopping"
      : record === undefined
        ? "waiting"
        : result === undefined
          ? "booting"
          : result.problem === undefined
            ? "running"
            : "failed";
    return {
      instanceId: instance.id,
      address: instance.address,
      zone: instance.zone,
      role: instance.tags.role ?? "",
      ...(instance.tags.pool === undefined ? {} : { pool: instance.tags.pool }),
      state,
      launchedAt: instance.launchedAt,
      ...(record === undefined ? {} : { bootedAt: record.bootedAt }),
      ...result,
    };
  }

  /** A machine that was booted by an earlier daemon and died while there was none. */
  private hasRecord(id: string): boolean {
    return statSync(`${machineFolder(this.props.stateFolder, id)}/machine.json`, { throwIfNoEntry: false }) !== undefined;
  }

  private boot(instance: Instance): void {
    const { stateFolder, tree, log } = this.props;
    log(`${instance.id}: boot at ${instance.address}`);
    this.work(instance.id, "booting", async () => {
      // What a daemon that was killed while it booted this machine has left.
      if (existsSync(machineFolder(stateFolder, instance.id))) await stopMachine(stateFolder, instance.id, { graceMs: 0 });
      const record = await bootMachine({
        name: instance.id,
        hostname: instance.hostname,
        addresses: [instance.address],
        lower: [tree],
        stateFolder,
      });
      if (isAlive(record.process)) this.booted.add(instance.id);
    });
  }

  private lost(id: string): void {
    this.props.log(`${id}: its machine ended, so the instance is terminated`);
    this.work(id, "stopping", async () => {
      await this.props.terminate(id);
      await this.remove(id, 0);
    });
  }

  private stop(id: string): void {
    this.props.log(`${id}: stop`);
    this.work(id, "stopping", () => this.remove(id, powerOffMs));
  }

  private async remove(id: string, graceMs: number): Promise<void> {
    await stopMachine(this.props.stateFolder, id, { graceMs });
    this.booted.delete(id);
    this.results.delete(id);
  }

  private work(id: string, what: "booting" | "stopping", task: () => Promise<void>): void {
    const done = task()
      .catch((error: unknown) => this.props.log(`${id}: ${what} failed: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => this.busy.delete(id));
    this.busy.set(id, { what, done });
  }
}
