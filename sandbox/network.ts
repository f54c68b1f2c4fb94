import { bridge, gatewayAddress, metadataAddress, namespace, namespaceFile, prefixLength } from "./addresses.ts";
import { endProcess, processesInNetwork } from "./host/processes.ts";
import { run } from "./host/run.ts";

/** Makes the namespace, its bridge and its addresses; what is there already stays. */
export async function createNetwork(): Promise<void> {
  if (!(await networkExists())) await run("ip", ["netns", "add", namespace]);
  const ip = (...args: string[]) => run("ip", ["-n", namespace, ...args]);
  await ip("link", "set", "lo", "up");
  await ip("address", "replace", `${metadataAddress}/32`, "dev", "lo");
  const links = JSON.parse((await ip("-json", "link", "show")).stdout) as { ifname: string }[];
  if (!links.some(({ ifname }) => ifname === bridge)) await ip("link", "add", bridge, "type", "bridge");
  await ip("address", "replace", `${gatewayAddress}/${prefixLength}`, "dev", bridge);
  await ip("link", "set", bridge, "up");
}

/** Removes the namespace and with it the bridge and all links. Whatever still runs in it has lost its record: it is ended. */
export async function removeNetwork(): Promise<void> {
  if (!(await networkExists())) return;
  await Promise.all(processesInNetwork(namespaceFile).map((record) => endProcess(record, 0)));
  await run("ip", ["netns", "delete", namespace]);
}

export async function networkExists(): Promise<boolean> {
  const { stdout } = await run("ip", ["netns", "list"]);
  return stdout.split("\n").some((line) => line.split(" ")[0] === namespace);
}

/** The command line that runs a program inside the namespace. */
export function inNamespace(command: string, ...args: string[]): { command: string; args: string[] } {
  return { command: "nsenter", args: [`--net=${namespaceFile}`, command, ...args] };
}
