import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { paths } from "../constructs/bootstrap/layout.ts";

/** File `cluster.json` of the node bundle: what an agent must know of its region beyond its own machine. */
export const clusterSettingsSchema = z.strictObject({
  environment: z.string().min(1),
  region: z.string().min(1),
  /** Servers of a healthy cluster. */
  serverCount: z.number().int().positive(),
  pools: z.record(
    z.string().regex(/^[a-z][a-z0-9-]*$/),
    z.strictObject({
      arch: z.enum(["amd64", "arm64"]),
      /** Runs Traefik and stands behind the load balancer. */
      ingress: z.boolean(),
      /** Runs apps below this domain. Absent: runs no apps. */
      domain: z.string().min(1).optional(),
    }),
  ),
  /** Engine to compile for, e.g. `wasmtime-48.0.8`. Absent: what the nodes' app hosts say they are. */
  engine: z.string().min(1).optional(),
});

export type ClusterSettings = z.output<typeof clusterSettingsSchema>;
export type PoolSettings = ClusterSettings["pools"][string];

export function clusterSettingsFile(bundle: string = paths.currentBundle): string {
  return join(bundle, "cluster.json");
}

/** Reads the settings of the bundle this machine runs. */
export function readClusterSettings(file: string = clusterSettingsFile()): ClusterSettings {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(
      `${file}: not readable, got ${String(error)}; expected the settings of the node bundle. Run the bundle's install.sh again`,
    );
  }
  const result = clusterSettingsSchema.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".") || "document"}: ${issue.message}`).join("; ");
  throw new Error(`${file}: not the settings of a cluster, got ${problems}. Bundle and agent program must be of one version`);
}

/** Pools that run apps, by name, with the domain their apps live below. */
export function appPools(settings: ClusterSettings): { readonly name: string; readonly domain: string }[] {
  return Object.entries(settings.pools)
    .flatMap(([name, { domain }]) => (domain === undefined ? [] : [{ name, domain }]))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
