import type { AppIndex } from "../../constructs/core/app.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { type ObjectStore, WriteConflict } from "../aws/s3.ts";
import type { Log } from "../log.ts";
import type { NomadClient } from "../nomad/client.ts";
import { AppDocumentCache } from "./app-documents.ts";
import { type AppDocuments, computeIndex, indexText, releasedComponents } from "./app-index.ts";
import { CompiledComponents } from "./compiled-components.ts";
import { parseIndex } from "./documents.ts";
import { chooseEngine } from "./engine.ts";
import { Compiles } from "./lead-compiles.ts";

export interface LeadAppsInput {
  readonly store: ObjectStore;
  readonly nomad: NomadClient;
  readonly log: Log;
  /** Engine of the cluster's settings, where they name one. */
  readonly engineSetting: string | undefined;
  /** Engines that the nodes report, one for each ready node that runs apps. */
  readonly nodeEngines: () => readonly string[];
  /** Time in milliseconds. Default: the clock. */
  readonly now?: () => number;
}

/** What the leader knows after a round. */
export interface LedApps {
  readonly apps: ReadonlyMap<string, AppDocuments>;
  readonly index: AppIndex | undefined;
  readonly indexEtag: string | undefined;
}

/** The leader's work on apps: from the documents in the bucket to compiled components and one index. */
export class LeadApps {
  readonly #input: LeadAppsInput;
  readonly #documents: AppDocumentCache;
  readonly #compiled: CompiledComponents;
  readonly #compiles: Compiles;
  #written: { readonly text: string; readonly etag: string; readonly index: AppIndex | undefined } | undefined;
  #isLoaded = false;

  constructor(input: LeadAppsInput) {
    this.#input = input;
    this.#documents = new AppDocumentCache(input.store);
    this.#compiled = new CompiledComponents(input.store);
    this.#compiles = new Compiles(input);
  }

  async round(): Promise<LedApps> {
    const now = (this.#input.now ?? Date.now)();
    if (!this.#isLoaded) await this.#loadIndex();
    const apps = await this.#documents.refresh();
    const previous = this.#written?.index;
    await this.#compiled.refresh(now);
    const engine = chooseEngine({
      setting: this.#input.engineSetting,
      nodes: this.#input.nodeEngines(),
      previous,
      apps: new Set(apps.keys()),
      isCompiled: (component, name) => this.#compiled.etag(component, name) !== undefined,
    });
    if (engine === undefined) return { apps, index: undefined, indexEtag: undefined };

    const wanted = new Set([...releasedComponents(apps).keys(), ...engine.awaited]);
    await this.#compiled.look(wanted, engine.compile);
    const missing = [...wanted].filter((component) => this.#compiled.etag(component, engine.compile) === undefined).sort();
    // Without a node that could run a compile, a run would only outlive its signed URLs.
    const canCompile = this.#input.nodeEngines().length > 0;
    const uploaded = await this.#compiled.uploaded(missing);
    const startable = canCompile ? missing : missing.filter((component) => !uploaded.has(component));
    const problems = await this.#compiles.start({ now, engine: engine.compile, missing: startable, uploaded });

    const served = Object.values(previous?.apps ?? {}).flatMap(({ serving }) => (serving === undefined ? [] : [serving.component]));
    const compiled = this.#compiled.of(new Set([...wanted, ...served]), engine.index);
    const index = computeIndex({ engine: engine.index, apps, compiled, problems, previous });
    await this.#write(index);
    return { apps, index, indexEtag: this.#written?.etag };
  }

  async #loadIndex(): Promise<void> {
    const object = await this.#input.store.read(artefactKeys.index);
    if (object === undefined || object === "unchanged") this.#written = undefined;
    else {
      const parsed = parseIndex(object.text);
      if (!parsed.ok) this.#input.log("warn", "index is not readable and is made anew", { reason: parsed.problem });
      this.#written = { ...object, index: parsed.ok ? parsed.document : undefined };
    }
    this.#isLoaded = true;
  }

  async #write(index: AppIndex): Promise<void> {
    const text = indexText(index);
    if (text === this.#written?.text) return;
    try {
      const etag = await this.#input.store.write(artefactKeys.index, text, this.#written?.etag ?? "absent");
      this.#written = { text, etag, index };
      this.#input.log("info", "index written", { apps: Object.keys(index.apps).length, engine: index.engine, etag });
    } catch (error) {
      // A former leader's last write: what it served counts as served, so start from that.
      if (error instanceof WriteConflict) this.#isLoaded = false;
      throw error;
    }
  }
}
