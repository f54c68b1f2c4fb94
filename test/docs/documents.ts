import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const project = resolve(import.meta.dirname, "../..");

/** A document of this project, as its readers find it. */
export interface Document {
  /** From the project's folder. */
  readonly name: string;
  readonly folder: string;
  readonly text: string;
}

/** README, CONTRIBUTING, everything in docs, and the parts' own READMEs. */
export function readDocuments(): Document[] {
  const below = readdirSync(join(project, "docs"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  const names = ["README.md", "CONTRIBUTING.md", "app-host/README.md", "apps/hello/README.md", ...below.map((name) => join("docs", name))];
  return names.sort().map(readDocument);
}

/** One of them, by its path from the project's folder. */
export function readDocument(name: string): Document {
  const file = join(project, name);
  return { name, folder: dirname(file), text: readFileSync(file, "utf8") };
}

/** The fenced blocks of a language. */
export function blocksOf({ text }: Document, language: string): string[] {
  return [...text.matchAll(/^```(\S+)\n(.*?)^```$/gms)].flatMap(([, fence, code]) =>
    fence === language && code !== undefined ? [code] : [],
  );
}

/** Targets of links that are no addresses, without their anchors. */
export function relativeLinks({ text }: Document): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? "");
  return targets.filter((target) => !/^[a-z]+:|^#/.test(target)).map((target) => target.replace(/#.*$/, ""));
}

/** What documents tell the reader to type after `prefix` (a pattern): up to a comment, a quote or the next command. */
export function commandsOf({ text }: Document, prefix: string): string[] {
  const pattern = new RegExp(`${prefix} +([^\\n\`"#;&|)]+)`, "g");
  return [...text.matchAll(pattern)].map(([, rest]) => (rest ?? "").trim());
}
