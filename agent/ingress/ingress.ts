import { ports } from "../../constructs/bootstrap/layout.ts";
import { replaceText } from "../files.ts";
import { probe } from "../http/probe.ts";
import type { Log } from "../log.ts";
import { each } from "../loops/each.ts";
import type { NomadClient, NomadNode } from "../nomad/client.ts";
import { healthyAddresses } from "./healthy-addresses.ts";
import { traefikDocument } from "./traefik-document.ts";

/** Longest answer of a probe, in milliseconds: it is the app host's own, no app takes part. */
const probeTimeoutMs = 500;

export interface IngressInput {
  readonly nomad: NomadClient;
  /** Pools that run apps. */
  readonly pools: readonly { readonly name: string; readonly domain: string }[];
  /** Traefik's dynamic document. */
  readonly file: string;
  readonly log: Log;
  /** Whether the app host at an address answers. Default: its `/health`. */
  readonly isHealthy?: (address: string) => Promise<boolean>;
}

/** Keeps Traefik's document: pools' routes, and the addresses that get requests now. */
export class Ingress {
  readonly #input: IngressInput;
  readonly #failures = new Map<string, number>();
  readonly #addresses = new Map<string, readonly string[]>();
  #nodes: readonly NomadNode[] | undefined;
  #written: string | undefined;

  constructor(input: IngressInput) {
    this.#input = input;
  }

  /** Asks Nomad which nodes there are. Until it has answered once, the document on disk stays. */
  async listNodes(): Promise<void> {
    this.#nodes = await this.#input.nomad.nodes();
    await this.#write();
  }

  /** Asks every ready app host whether it is there. */
  async probeAll(): Promise<void> {
    const pools = new Set(this.#input.pools.map(({ name }) => name));
    const addresses = new Set((this.#nodes ?? []).filter((node) => node.ready && pools.has(node.pool)).map(({ address }) => address));
    for (const address of this.#failures.keys()) if (!addresses.has(address)) this.#failures.delete(address);
    const isHealthy = this.#input.isHealthy ?? ((address) => probe(`http://${address}:${ports.appHostAdmin}/health`, probeTimeoutMs));
    await each(addresses, 256, async (address) => {
      const before = this.#failures.get(address);
      // A node that was never seen healthy starts outside.
      this.#failures.set(address, (await isHealthy(address)) ? 0 : before === undefined ? Number.POSITIVE_INFINITY : before + 1);
    });
    await this.#write();
  }

  async #write(): Promise<void> {
    const nodes = this.#nodes;
    if (nodes === undefined) return;
    const pools = this.#input.pools.map(({ name, domain }) => {
      const addresses = healthyAddresses({ pool: name, nodes, failures: this.#failures, before: this.#addresses.get(name) ?? [] });
      this.#addresses.set(name, addresses);
      return { name, domain, addresses };
    });
    const text = `${JSON.stringify(traefikDocument(pools), undefined, 1)}\n`;
    if (text === this.#written) return;
    await replaceText(this.#input.file, text);
    this.#written = text;
    this.#input.log(
      "info",
      "ingress document written",
      Object.fromEntries(pools.map(({ name, addresses }) => [name, addresses.join(" ")])),
    );
  }
}
