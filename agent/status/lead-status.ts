import type { AppIndex, StatusDocument } from "../../constructs/core/app.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import type { LedApps } from "../apps/lead-apps.ts";
import type { ObjectStore } from "../aws/s3.ts";
import { nodeReportsPrefix } from "../cluster/policies.ts";
import type { ClusterSettings } from "../cluster-settings.ts";
import type { ConsulClient } from "../consul/client.ts";
import type { NomadClient, NomadNode } from "../nomad/client.ts";
import { type PoolNodeReport, parseReports, reportLifeMs } from "./node-report.ts";
import { statusDocument } from "./status-document.ts";

/** Longest age of the document, in milliseconds. */
const writeEveryMs = 15_000;
/** Indexes remembered for nodes that are behind. */
const historyLength = 32;

export interface LeadStatusInput {
  readonly store: ObjectStore;
  readonly consul: ConsulClient;
  readonly nomad: NomadClient;
  readonly settings: ClusterSettings;
  /** Node name of this agent. */
  readonly name: string;
  readonly ledApps: () => LedApps | undefined;
}

/** What the leader sees of the region, once a second; written when it changed, and before it is too old. */
export class LeadStatus {
  readonly #input: LeadStatusInput;
  readonly #history = new Map<string, AppIndex>();
  #nodes: readonly NomadNode[] = [];
  #reports: readonly PoolNodeReport[] = [];
  #written: { readonly text: string; readonly at: number } | undefined;

  constructor(input: LeadStatusInput) {
    this.#input = input;
  }

  /** As of the last round. */
  get nodes(): readonly NomadNode[] {
    return this.#nodes;
  }

  /** Engines of the ready nodes that run apps, as of the last round. */
  get engines(): readonly string[] {
    const ready = new Set(this.#nodes.filter((node) => node.ready).map(({ name }) => name));
    const oldest = Date.now() - reportLifeMs;
    return this.#reports.flatMap(({ node, engine, reportedAt }) =>
      engine !== undefined && ready.has(node) && reportedAt >= oldest ? [engine] : [],
    );
  }

  async round(): Promise<void> {
    const { store, consul, nomad, settings, name } = this.#input;
    const [nomadServers, consulServers, nodes, entries] = await Promise.all([
      nomad.serverHealth(),
      consul.serverHealth(),
      nomad.nodes(),
      consul.list(nodeReportsPrefix),
    ]);
    this.#nodes = nodes;
    this.#reports = parseReports(entries);
    await this.#removeReportsOfTheGone();

    const led = this.#input.ledApps();
    const document = statusDocument({
      now: new Date(),
      leader: name,
      settings,
      nomadServers,
      consulServers,
      nodes,
      reports: this.#reports,
      apps: led?.apps ?? new Map(),
      index: led?.index,
      indexEtag: led?.indexEtag,
      history: this.#history,
    });
    this.#remember(led);
    const text = comparable(document);
    const now = performance.now();
    if (text === this.#written?.text && now - this.#written.at < writeEveryMs) return;
    await store.write(artefactKeys.status, `${JSON.stringify(document, undefined, 1)}\n`);
    this.#written = { text, at: now };
  }

  #remember(led: LedApps | undefined): void {
    if (led?.index === undefined || led.indexEtag === undefined || this.#history.has(led.indexEtag)) return;
    this.#history.set(led.indexEtag, led.index);
    const oldest = this.#history.keys().next().value;
    if (this.#history.size > historyLength && oldest !== undefined) this.#history.delete(oldest);
  }

  /** A node that Nomad has forgotten never reports again. */
  async #removeReportsOfTheGone(): Promise<void> {
    const known = new Set(this.#nodes.map(({ name }) => name));
    const oldest = Date.now() - reportLifeMs;
    for (const { pool, node, reportedAt } of this.#reports) {
      if (!known.has(node) && reportedAt < oldest) await this.#input.consul.remove(`${nodeReportsPrefix}${pool}/${node}`);
    }
  }
}

function comparable(document: StatusDocument): string {
  return JSON.stringify({ ...document, writtenAt: "" });
}
