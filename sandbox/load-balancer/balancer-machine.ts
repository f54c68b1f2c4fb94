import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cloudMachine, loadBalancerAddresses } from "../addresses.ts";
import { execInMachine } from "../machines/exec.ts";
import { bootMachine, machineFolder, machineInit, machineRoot, runningMachine, stopMachine } from "../machines/machine.ts";
import { haproxyCommand } from "./command-socket.ts";
import { targetHealth } from "./health.ts";
import type { LoadBalancer, TargetHealth } from "./model.ts";
import { adminSocket, renderHaproxy, stateFile } from "./render.ts";

export interface BalancerMachineProps {
  readonly stateFolder: string;
  readonly tree: string;
  /** Layer above the tree with HAProxy. */
  readonly layer: string;
  readonly log: (line: string) => void;
}

const configuration = "etc/haproxy/haproxy.cfg";

/** The machine `cloud` with HAProxy in it, which serves what the emulator was told of load balancers. */
export class BalancerMachine {
  private problems = "";

  constructor(private readonly props: BalancerMachineProps) {}

  /** Boots the machine when its trees are there and it does not run. */
  async ensure(): Promise<void> {
    const { stateFolder, tree, layer, log } = this.props;
    if (runningMachine(stateFolder, cloudMachine) !== undefined || !existsSync(tree) || !existsSync(layer)) return;
    if (existsSync(machineFolder(stateFolder, cloudMachine))) await stopMachine(stateFolder, cloudMachine, { graceMs: 0 });
    log("cloud: boot");
    await bootMachine({
      name: cloudMachine,
      hostname: cloudMachine,
      addresses: loadBalancerAddresses,
      lower: [layer, tree],
      stateFolder,
      files: [
        { path: configuration, content: renderHaproxy([], loadBalancerAddresses).text, reason: "no load balancer yet" },
        { path: "etc/cloud/cloud-init.disabled", content: "", reason: "this machine is no instance" },
      ],
    });
  }

  /** Serves these load balancers. Connections that are open stay open. Returns the health of all targets. */
  async serve(balancers: readonly LoadBalancer[]): Promise<TargetHealth[]> {
    const { stateFolder } = this.props;
    const record = runningMachine(stateFolder, cloudMachine);
    const init = record === undefined ? undefined : machineInit(record);
    if (record === undefined || init === undefined) return [];
    // Below /run, which only the machine itself mounts: seen through its first process.
    const inside = (path: string) => `/proc/${init.pid}/root${path}`;
    if (!existsSync(inside(adminSocket))) return [];
    const { text, problems } = renderHaproxy(balancers, loadBalancerAddresses);
    this.tell(problems);
    const file = join(machineRoot(stateFolder, cloudMachine), configuration);
    if (readFileSync(file, "utf8") !== text) {
      // A reload forgets who was healthy unless it is told.
      writeFileSync(inside(stateFile), await haproxyCommand(inside(adminSocket), "show servers state"));
      writeFileSync(`${file}.new`, text);
      await execInMachine(record, ["haproxy", "-c", "-q", "-f", `/${configuration}.new`]);
      renameSync(`${file}.new`, file);
      await execInMachine(record, ["systemctl", "reload-or-restart", "haproxy.service"]);
      this.props.log(`load balancer: serves ${balancers.map(({ name }) => name).join(", ") || "nothing"}`);
    }
    return targetHealth(await haproxyCommand(inside(adminSocket), "show stat"), balancers);
  }

  private tell(problems: readonly string[]): void {
    const text = problems.join("\n");
    if (text !== this.problems && text !== "") this.props.log(text);
    this.problems = text;
  }
}

const healthFile = (stateFolder: string) => join(stateFolder, "target-health.json");

/** Writes the health of all targets, for the emulator's answers and the CLI. */
export function writeTargetHealth(stateFolder: string, health: readonly TargetHealth[]): void {
  const file = healthFile(stateFolder);
  const text = JSON.stringify(health, null, 2);
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(dirname(file), { recursive: true });
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** Health of all targets as last seen. */
export function readTargetHealth(stateFolder: string): TargetHealth[] {
  try {
    return JSON.parse(readFileSync(healthFile(stateFolder), "utf8")) as TargetHealth[];
  } catch {
    return [];
  }
}
