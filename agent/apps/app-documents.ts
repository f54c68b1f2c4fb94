import { artefactKeys, artefactPrefixes } from "../../constructs/core/artefacts.ts";
import type { ObjectStore } from "../aws/s3.ts";
import { each } from "../loops/each.ts";
import { type AppDocuments, listedApps } from "./app-index.ts";
import { parseDeclaration, parseRelease } from "./documents.ts";

/** Reads of documents at a time. */
const readWidth = 16;

/** All apps' documents, kept in memory: a round costs one listing, and one read for each document that changed. */
export class AppDocumentCache {
  readonly #store: ObjectStore;
  readonly #apps = new Map<string, AppDocuments>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async refresh(): Promise<ReadonlyMap<string, AppDocuments>> {
    const listed = listedApps(await this.#store.list(artefactPrefixes.apps));
    for (const name of this.#apps.keys()) if (!listed.has(name)) this.#apps.delete(name);
    await each(listed, readWidth, async ([name, etags]) => {
      const known = this.#apps.get(name);
      const [declaration, release] = await Promise.all([
        known?.listed.declaration === etags.declaration
          ? { etag: known.listed.declaration, parsed: known.declaration }
          : this.#read(artefactKeys.app(name), (text) => parseDeclaration(text, name)),
        known?.release !== undefined && known.listed.release !== undefined && known.listed.release === etags.release
          ? { etag: known.listed.release, parsed: known.release }
          : etags.release === undefined
            ? undefined
            : this.#read(artefactKeys.release(name), parseRelease),
      ]);
      // Deleted between listing and reading: the next listing says so.
      if (declaration === undefined) return;
      const { etag, parsed } = declaration;
      this.#apps.set(
        name,
        release === undefined
          ? { listed: { declaration: etag }, declaration: parsed }
          : { listed: { declaration: etag, release: release.etag }, declaration: parsed, release: release.parsed },
      );
    });
    return this.#apps;
  }

  /** With the ETag of what was read, which may be newer than the listed one. */
  async #read<T>(key: string, parse: (text: string) => T): Promise<{ readonly etag: string; readonly parsed: T } | undefined> {
    const object = await this.#store.read(key);
    return object === undefined || object === "unchanged" ? undefined : { etag: object.etag, parsed: parse(object.text) };
  }
}
