import { spawn } from "node:child_process";
import { emulatorEndpoint } from "../addresses.ts";
import { type RunOptions, type RunResult, run } from "../host/run.ts";
import { type MachineRecord, machineInit } from "./machine.ts";

/** The command line that runs a program inside a machine as its root. */
export function inMachine(record: MachineRecord, command: readonly string[]): { command: string; args: string[] } {
  const init = machineInit(record);
  if (init === undefined)
    throw new Error(`machine ${record.name}: cannot be entered, got no first process; expected a machine that runs. See its console log`);
  const environment = [
    "PATH=/opt/edge-fleet/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LANG=C.UTF-8",
    `TERM=${process.env.TERM ?? "dumb"}`,
    `AWS_ENDPOINT_URL=${emulatorEndpoint}`,
  ];
  return {
    command: "nsenter",
    args: [
      "--target",
      `${init.pid}`,
      "--mount",
      "--uts",
      "--ipc",
      "--net",
      "--pid",
      "--cgroup",
      "--root",
      "--wd",
      "env",
      "-i",
      ...environment,
      ...command,
    ],
  };
}

/** Runs a program inside a machine. */
export function execInMachine(record: MachineRecord, command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { command: program, args } = inMachine(record, command);
  return run(program, args, options);
}

/** Gives the terminal to a shell inside a machine until it ends. */
export function shellInMachine(record: MachineRecord): Promise<number> {
  const { command, args } = inMachine(record, ["/bin/bash", "--login"]);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
