import type { AppDeclaration, AppIndex } from "../../constructs/core/app.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import type { ObjectStore } from "../aws/s3.ts";
import { describeError, type Log } from "../log.ts";
import { each } from "../loops/each.ts";
import { folderSteps, servedApps, wantedFolder } from "./app-folder.ts";
import { parseDeclaration, parseIndex } from "./documents.ts";
import type { FolderStore } from "./folder-store.ts";

export interface FollowIndexInput {
  readonly store: ObjectStore;
  readonly folder: FolderStore;
  readonly pool: string;
  /** Engine of this node's app host: components for another one stay out. */
  readonly engine: () => string | undefined;
  readonly log: Log;
  /** Time in milliseconds. Default: the clock. */
  readonly now?: () => number;
}

/** What this node has applied. */
export interface AppliedIndex {
  readonly etag: string;
  /** Apps of it that could not be applied. */
  readonly failed: readonly string[];
}

/** Compiled files stay so long after nothing names them: the app host may have read the old manifest a moment ago. */
const keepUnusedMs = 60_000;
/** Index applied with failures is tried again after that time. */
const retryFailedMs = 5_000;
/** The app host looks at a manifest that it knows once a second; a little more, because its clock's second began at another time. */
const takeUpMs = 1_100;
const readWidth = 8;
/** Compiled components are tens of megabytes. */
const downloadWidth = 3;

/** Makes the app host's folder match the index. Whatever cannot be fetched leaves what was there before. */
export class FollowIndex {
  readonly #input: FollowIndexInput;
  readonly #declarations = new Map<string, { readonly etag: string; readonly document: AppDeclaration }>();
  readonly #unusedSince = new Map<string, number>();
  #index: { readonly etag: string; readonly document: AppIndex } | undefined;
  #applied: AppliedIndex | undefined;
  #takenUp: AppliedIndex | undefined;
  #takenUpFrom = Number.NEGATIVE_INFINITY;
  #lookAgainAt = Number.NEGATIVE_INFINITY;

  constructor(input: FollowIndexInput) {
    this.#input = input;
  }

  get applied(): AppliedIndex | undefined {
    return this.#applied;
  }

  /** The applied index that the app host serves by now: what a node may report without promising too much. */
  get takenUp(): AppliedIndex | undefined {
    if (this.#now() >= this.#takenUpFrom) this.#takenUp = this.#applied;
    return this.#takenUp;
  }

  #now(): number {
    return (this.#input.now ?? Date.now)();
  }

  async round(): Promise<void> {
    const now = this.#now();
    const answer = await this.#input.store.read(artefactKeys.index, this.#index?.etag);
    // No index at all: a region that was never led, or a bucket that was emptied. Neither is a reason to stop serving.
    if (answer === undefined) return;
    if (answer !== "unchanged") {
      const parsed = parseIndex(answer.text);
      if (!parsed.ok) throw new Error(`${artefactKeys.index}: ${parsed.problem}`);
      this.#index = { etag: answer.etag, document: parsed.document };
    }
    const index = this.#index;
    if (index === undefined) return;
    const engine = this.#input.engine();
    if (engine === undefined) throw new Error("engine of the app host is not known yet");
    if (index.document.engine !== engine) {
      throw new Error(
        `index is for engine ${index.document.engine}, got an app host with ${engine}. The leader goes over once all is compiled`,
      );
    }
    const isDue = this.#applied?.etag !== index.etag || now >= this.#lookAgainAt;
    if (isDue) await this.#apply(index.etag, index.document, now);
  }

  async #apply(etag: string, index: AppIndex, now: number): Promise<void> {
    const { folder, pool, log } = this.#input;
    const failed = await this.#readDeclarations(index);
    const declarations = new Map([...this.#declarations].map(([name, { document }]) => [name, document]));
    const wanted = wantedFolder(index, pool, declarations);
    const found = await folder.read();
    const missing = await this.#download(folderSteps(wanted, found).download);
    const steps = folderSteps(wanted, found, missing);

    await each(steps.writeManifests, readWidth, ([name, text]) => folder.writeManifest(name, text));
    await each(steps.linkHosts, readWidth, ([host, app]) => folder.linkHost(host, app));
    await each(steps.unlinkHosts, readWidth, (host) => folder.unlinkHost(host));
    await each(steps.removeManifests, readWidth, (name) => folder.removeManifest(name));
    const isKept = await this.#removeUnused(steps.unusedCompiled, now);

    for (const [name, { source }] of servedApps(index, pool)) {
      if (![...missing].some((file) => wanted.compiled.get(file)?.component === source.component)) continue;
      failed.add(name);
    }
    const names = [...failed].sort();
    if (this.#applied?.etag !== etag || this.#applied.failed.join() !== names.join()) {
      log(names.length === 0 ? "info" : "warn", "index applied", {
        etag,
        written: steps.writeManifests.length,
        removed: steps.removeManifests.length,
        failed: names.slice(0, 10).join(" ") || undefined,
      });
    }
    const hasChanged = steps.writeManifests.length + steps.linkHosts.length + steps.unlinkHosts.length + steps.removeManifests.length > 0;
    // What was taken up before stays the answer while the wait for this index begins.
    this.#takenUp = this.takenUp;
    if (hasChanged) this.#takenUpFrom = this.#now() + takeUpMs;
    this.#applied = { etag, failed: names };
    this.#lookAgainAt = names.length > 0 ? now + retryFailedMs : isKept ? now + keepUnusedMs : Number.POSITIVE_INFINITY;
  }

  /** Fetches the declarations that the index names anew; returns the apps whose declaration could not be read. */
  async #readDeclarations(index: AppIndex): Promise<Set<string>> {
    const served = servedApps(index, this.#input.pool);
    for (const name of this.#declarations.keys()) if (!served.has(name)) this.#declarations.delete(name);
    const failed = new Set<string>();
    await each(served, readWidth, async ([name, { declaration }]) => {
      if (this.#declarations.get(name)?.etag === declaration) return;
      try {
        const object = await this.#input.store.read(artefactKeys.app(name));
        const parsed = object === undefined || object === "unchanged" ? undefined : parseDeclaration(object.text, name);
        // A newer declaration than the index names is as good: the index follows.
        if (parsed?.ok) this.#declarations.set(name, { etag: declaration, document: parsed.document });
        else failed.add(name);
      } catch (error) {
        this.#input.log("warn", "declaration not read", { app: name, reason: describeError(error) });
        failed.add(name);
      }
    });
    return failed;
  }

  /** Returns the files that could not be fetched. */
  async #download(files: ReturnType<typeof folderSteps>["download"]): Promise<Set<string>> {
    const missing = new Set<string>();
    await each(files, downloadWidth, async ([file, { component, engine, etag }]) => {
      const key = artefactKeys.compiled(component, engine);
      try {
        const isThere = await this.#input.folder.addCompiled(file, (unfinished) => this.#input.store.download(key, etag, unfinished));
        if (!isThere) missing.add(file);
      } catch (error) {
        this.#input.log("warn", "compiled component not fetched", { component, reason: describeError(error) });
        missing.add(file);
      }
    });
    return missing;
  }

  /** Says whether some files still wait for their removal. */
  async #removeUnused(files: readonly string[], now: number): Promise<boolean> {
    for (const file of this.#unusedSince.keys()) if (!files.includes(file)) this.#unusedSince.delete(file);
    await each(files, readWidth, async (file) => {
      const since = this.#unusedSince.get(file);
      if (since === undefined) this.#unusedSince.set(file, now);
      else if (now - since >= keepUnusedMs) {
        await this.#input.folder.removeCompiled(file);
        this.#unusedSince.delete(file);
      }
    });
    return this.#unusedSince.size > 0;
  }
}
