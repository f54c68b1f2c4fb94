/**
 * Addresses of the sandbox. All of them live in a network namespace of its own, so that none can meet the host's.
 */

/** Network namespace, also the name of its file below /run/netns. */
export const namespace = "edge-fleet";
export const namespaceFile = `/run/netns/${namespace}`;

/** Bridge between all machines; exists inside the namespace only. */
export const bridge = "machines";

/** All machines of all VPCs share one link: what AWS routes between subnets needs no router here. */
export const prefixLength = 8;

/** The host's own address on the bridge: the emulator listens here, and it is each machine's gateway. */
export const gatewayAddress = "10.255.255.1";

/** Where the emulator answers, inside the namespace. */
export const emulatorPort = 5000;
export const emulatorEndpoint = `http://${gatewayAddress}:${emulatorPort}`;

/** AWS's fixed address of the instance metadata service. */
export const metadataAddress = "169.254.169.254";

/** Machine that carries what AWS runs outside of a customer's machines: the load balancers. */
export const cloudMachine = "cloud";

/** One address for each load balancer, in the order of their creation; the first is what is published on the host. */
export const loadBalancerAddresses: readonly string[] = Array.from({ length: 8 }, (_, index) => `10.255.255.${2 + index}`);

/** The emulated region. */
export const sandboxRegion = "us-east-1";

/** Where the sandbox is reached from the host's loopback address. */
export interface PublishedPorts {
  /** The emulator's API. Default: 5700; `FLEET_SANDBOX_API_PORT`. */
  readonly api: number;
  /** The first load balancer's port 80. Default: 8080; `FLEET_SANDBOX_HTTP_PORT`. */
  readonly http: number;
}

export function publishedPorts(): PublishedPorts {
  return { api: port("FLEET_SANDBOX_API_PORT", 5700), http: port("FLEET_SANDBOX_HTTP_PORT", 8080) };
}

function port(name: string, byDefault: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return byDefault;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 65536) return value;
  throw new Error(`${name}: no port, got "${text}"; expected 1 to 65535. Set another number or unset it`);
}
