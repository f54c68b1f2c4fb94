import { mkdir, readdir, readFile, readlink, rm, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { replaceFile, replaceLink, replaceText, unfinishedPrefix } from "../files.ts";
import type { FoundFolder } from "./app-folder.ts";

/** The app host's folder on disk. The app host, another user, only reads it. */
export class FolderStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folders, and clears what a crash left unfinished. */
  async prepare(): Promise<void> {
    for (const name of ["apps", "hosts", "compiled"]) {
      const folder = join(this.#root, name);
      await mkdir(folder, { recursive: true, mode: 0o755 });
      const files = await readdir(folder);
      await Promise.all(files.filter((file) => file.startsWith(unfinishedPrefix)).map((file) => rm(join(folder, file), { force: true })));
    }
  }

  async read(): Promise<FoundFolder> {
    const names = async (folder: string) => (await readdir(join(this.#root, folder))).filter((file) => !file.startsWith(unfinishedPrefix));
    const manifests = new Map<string, string>();
    for (const file of await names("apps")) {
      if (file.endsWith(".json")) manifests.set(file.slice(0, -".json".length), await readFile(join(this.#root, "apps", file), "utf8"));
    }
    const hosts = new Map<string, string>();
    for (const host of await names("hosts")) {
      const target = await readlink(join(this.#root, "hosts", host)).catch(() => "");
      hosts.set(host, basename(target, ".json"));
    }
    return { manifests, hosts, compiled: new Set(await names("compiled")) };
  }

  /** `fetch` writes the content to a new file and says whether there was any. */
  async addCompiled(file: string, fetch: (unfinished: string) => Promise<boolean>): Promise<boolean> {
    let isThere = false;
    await replaceFile(join(this.#root, "compiled", file), async (unfinished) => {
      isThere = await fetch(unfinished);
      if (!isThere) throw new NothingToFetch();
    }).catch((error: unknown) => {
      if (!(error instanceof NothingToFetch)) throw error;
    });
    return isThere;
  }

  writeManifest = (name: string, text: string): Promise<void> => replaceText(join(this.#root, "apps", `${name}.json`), text);
  linkHost = (host: string, app: string): Promise<void> => replaceLink(join(this.#root, "hosts", host), join("..", "apps", `${app}.json`));
  unlinkHost = (host: string): Promise<void> => unlink(join(this.#root, "hosts", host));
  removeManifest = (name: string): Promise<void> => unlink(join(this.#root, "apps", `${name}.json`));
  removeCompiled = (file: string): Promise<void> => unlink(join(this.#root, "compiled", file));
}

class NothingToFetch extends Error {}
