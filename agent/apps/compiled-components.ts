import { artefactKeys, artefactPrefixes } from "../../constructs/core/artefacts.ts";
import type { ObjectStore } from "../aws/s3.ts";
import { each } from "../loops/each.ts";

/** Time between two full listings, in milliseconds: finds compiled components that were deleted. */
const relistMs = 60_000;

/** Which components exist in compiled form, and which were uploaded. */
export class CompiledComponents {
  readonly #store: ObjectStore;
  #etags = new Map<string, string>();
  readonly #uploaded = new Set<string>();
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async refresh(now: number): Promise<void> {
    if (now - this.#listedAt < relistMs) return;
    const objects = await this.#store.list(artefactPrefixes.compiled);
    this.#etags = new Map(objects.map(({ key, etag }) => [key, etag]));
    this.#uploaded.clear();
    this.#listedAt = now;
  }

  /** Asks for components that the last listing does not have: one may have been compiled since. */
  async look(components: Iterable<string>, engine: string): Promise<void> {
    await each(components, 16, async (component) => {
      const key = artefactKeys.compiled(component, engine);
      if (this.#etags.has(key)) return;
      const etag = await this.#store.etag(key);
      if (etag !== undefined) this.#etags.set(key, etag);
    });
  }

  etag(component: string, engine: string): string | undefined {
    return this.#etags.get(artefactKeys.compiled(component, engine));
  }

  /** Compiled form of each of the components that has one. */
  of(components: Iterable<string>, engine: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const component of components) {
      const etag = this.etag(component, engine);
      if (etag !== undefined) found.set(component, etag);
    }
    return found;
  }

  /** Those of the components that can be compiled, because they are in the bucket. */
  async uploaded(components: readonly string[]): Promise<ReadonlySet<string>> {
    await each(components, 16, async (component) => {
      if (this.#uploaded.has(component)) return;
      if ((await this.#store.etag(artefactKeys.component(component))) !== undefined) this.#uploaded.add(component);
    });
    return new Set(components.filter((component) => this.#uploaded.has(component)));
  }
}
