import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { type ObjectStore, WriteConflict } from "../../../agent/aws/s3.ts";

/** Keeps the contract of `ObjectStore`. */
export class MemoryObjects implements ObjectStore {
  readonly objects = new Map<string, string>();
  /** Set: every call rejects with it. */
  failure: Error | undefined;
  readonly writes: string[] = [];
  reads = 0;

  put(key: string, text: string): string {
    this.objects.set(key, text);
    return etagOf(text);
  }

  async list(prefix: string) {
    this.#fail();
    return [...this.objects].filter(([key]) => key.startsWith(prefix)).map(([key, text]) => ({ key, etag: etagOf(text) }));
  }

  async read(key: string, unless?: string) {
    this.#fail();
    this.reads += 1;
    const text = this.objects.get(key);
    if (text === undefined) return undefined;
    return etagOf(text) === unless ? "unchanged" : { text, etag: etagOf(text) };
  }

  async etag(key: string) {
    this.#fail();
    const text = this.objects.get(key);
    return text === undefined ? undefined : etagOf(text);
  }

  async write(key: string, text: string, expected?: string) {
    this.#fail();
    const found = this.objects.get(key);
    if (expected !== undefined && expected !== (found === undefined ? "absent" : etagOf(found))) throw new WriteConflict(key);
    this.writes.push(key);
    return this.put(key, text);
  }

  async download(key: string, etag: string, file: string) {
    this.#fail();
    const text = this.objects.get(key);
    if (text === undefined || etagOf(text) !== etag) return false;
    await writeFile(file, text, { flag: "wx" });
    return true;
  }

  presignRead = async (key: string): Promise<string> => `https://store.example/${key}?read`;
  presignWrite = async (key: string): Promise<string> => `https://store.example/${key}?write`;

  #fail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

export const etagOf = (text: string): string => createHash("md5").update(text).digest("hex");
