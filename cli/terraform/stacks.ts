import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";

/** One synthesised stack: a folder that Terraform runs in, and one state. */
export interface Stack {
  readonly name: string;
  /** `keep`, `base`, `platform`, `apps`: value of the default tag `stack`. */
  readonly kind: string;
  readonly region: string;
  readonly folder: string;
  /** sha256 of the synthesised JSON. */
  readonly configHash: string;
  /** Names of the stacks whose outputs it reads. */
  readonly dependencies: readonly string[];
  readonly backend: Backend;
  /** Declared resources, `<type>.<name>`, with their arguments as synthesised. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export type Backend =
  | { readonly kind: "s3"; readonly bucket: string; readonly key: string; readonly region: string }
  | { readonly kind: "local"; readonly path: string };

const manifestSchema = z.object({
  stacks: z.record(
    z.string(),
    z.object({
      name: z.string(),
      workingDirectory: z.string(),
      synthesizedStackPath: z.string(),
      dependencies: z.array(z.string()),
      annotations: z.array(z.object({ level: z.string(), message: z.string(), constructPath: z.string() })).default([]),
    }),
  ),
});

const stackSchema = z.object({
  terraform: z.object({
    backend: z.union([
      z.object({ s3: z.object({ bucket: z.string(), key: z.string(), region: z.string() }) }),
      z.object({ local: z.object({ path: z.string() }) }),
    ]),
  }),
  resource: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
});

/** The stacks of one environment in `outFolder` (`cdktf.out`), each after those it depends on. */
export function readStacks(outFolder: string, environment: string, regions: readonly string[]): Stack[] {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(outFolder, "manifest.json"), "utf8")));
  const stacks = Object.values(manifest.stacks).flatMap((entry) => {
    const place = placeOf(entry.name, environment, regions);
    if (place === undefined) return [];
    const errors = entry.annotations.filter(({ level }) => level.endsWith("error"));
    if (errors.length > 0) {
      const [first] = errors;
      throw new UserError(`${first?.constructPath}: ${errors.map(({ message }) => message).join("; ")}`, "Put it right in the declaration");
    }
    return [readStack(outFolder, entry, place)];
  });
  return inOrder(stacks);
}

function readStack(
  outFolder: string,
  entry: { name: string; workingDirectory: string; synthesizedStackPath: string; dependencies: string[] },
  place: { kind: string; region: string },
): Stack {
  const text = readFileSync(join(outFolder, entry.synthesizedStackPath), "utf8");
  const { terraform, resource } = stackSchema.parse(JSON.parse(text));
  const folder = join(outFolder, entry.workingDirectory);
  const { backend } = terraform;
  return {
    ...place,
    name: entry.name,
    folder,
    configHash: createHash("sha256").update(text).digest("hex"),
    dependencies: entry.dependencies,
    backend: "s3" in backend ? { kind: "s3", ...backend.s3 } : { kind: "local", path: join(folder, backend.local.path) },
    resources: Object.fromEntries(
      Object.entries(resource).flatMap(([type, named]) => Object.entries(named).map(([name, args]) => [`${type}.${name}`, args])),
    ),
  };
}

/** `keep-<environment>-<region>` or `<environment>-<kind>-<region>`, taken apart; undefined for other environments' stacks. */
export function placeOf(name: string, environment: string, regions: readonly string[]): { kind: string; region: string } | undefined {
  for (const region of regions) {
    if (name === `keep-${environment}-${region}`) return { kind: "keep", region };
    if (name.startsWith(`${environment}-`) && name.endsWith(`-${region}`)) {
      const kind = name.slice(environment.length + 1, -region.length - 1);
      if (kind !== "") return { kind, region };
    }
  }
  return undefined;
}

/** Dependencies first; the manifest's own order is by name. */
function inOrder(stacks: readonly Stack[]): Stack[] {
  const ordered: Stack[] = [];
  const visit = (stack: Stack): void => {
    if (ordered.includes(stack)) return;
    for (const name of stack.dependencies) {
      const dependency = stacks.find((other) => other.name === name);
      if (dependency !== undefined) visit(dependency);
    }
    ordered.push(stack);
  };
  for (const stack of stacks) visit(stack);
  return ordered;
}
