import { existsSync } from "node:fs";
import { join } from "node:path";
import { emulatorPort, gatewayAddress, loadBalancerAddresses, namespaceFile, publishedPorts } from "./addresses.ts";
import { canConnect } from "./host/ports.ts";
import { endRecorded, startDetached } from "./host/processes.ts";
import { waitFor } from "./host/wait.ts";

interface Forwarder {
  readonly name: string;
  readonly port: number;
  /** Where it leads to, inside the namespace. */
  readonly target: string;
}

function forwarders(): Forwarder[] {
  const ports = publishedPorts();
  return [
    { name: "api", port: ports.api, target: `${gatewayAddress}:${emulatorPort}` },
    { name: "http", port: ports.http, target: `${loadBalancerAddresses[0]}:80` },
  ];
}

const recordFile = (stateFolder: string, name: string) => join(stateFolder, "forwarders", `${name}.json`);

/**
 * Publishes the emulator's API and the first load balancer on the host's loopback address, and nowhere else. The socket
 * is opened here and then handed to a proxy inside the namespace: a socket belongs to where it was opened.
 */
export async function startForwarders(stateFolder: string): Promise<void> {
  const proxy = ["/usr/lib/systemd/systemd-socket-proxyd", "/lib/systemd/systemd-socket-proxyd"].find((file) => existsSync(file));
  if (proxy === undefined)
    throw new Error("systemd-socket-proxyd: missing, got no such file; expected it below /usr/lib/systemd. Install the package systemd");
  for (const { name, port, target } of forwarders()) {
    startDetached({
      command: "systemd-socket-activate",
      args: [`--listen=127.0.0.1:${port}`, "nsenter", `--net=${namespaceFile}`, proxy, "--connections-max=2048", target],
      env: {},
      logFile: join(stateFolder, "forwarders", `${name}.log`),
      recordFile: recordFile(stateFolder, name),
    });
    await waitFor(() => canConnect(port), { what: `forwarder at 127.0.0.1:${port}`, timeoutMs: 10_000 });
  }
}

export async function stopForwarders(stateFolder: string): Promise<void> {
  await Promise.all(forwarders().map(({ name }) => endRecorded(recordFile(stateFolder, name))));
}
