import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createTar } from "nanotar";
import type { ReleasesLock } from "../../config/releases.ts";
import type { Architecture } from "../core/artefacts.ts";
import { bundleRole } from "./layout.ts";
import { renderRoleFiles } from "./role-files.ts";

export interface NodeBundleProps {
  readonly environment: string;
  readonly region: string;
  /** 3 or 5: as many form the first quorum. */
  readonly serverCount: number;
  readonly serverArch: Architecture;
  readonly pools: Readonly<
    Record<
      string,
      {
        readonly arch: Architecture;
        /** Runs Traefik and stands behind the load balancer. */
        readonly ingress: boolean;
        /** Every route of the pool's apps lies below it. Absent: runs no apps. */
        readonly domain?: string;
      }
    >
  >;
  readonly releases: ReleasesLock;
  /** The agent, bundled into one file: `readAgentProgram()`. */
  readonly agentProgram: string;
}

export interface BundleFile {
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
}

export interface NodeBundle {
  /** Path inside the bundle -> file, sorted by path. */
  readonly files: Readonly<Record<string, BundleFile>>;
  /** The archive: a tar, not compressed, because Node's gzip differs between versions. */
  readonly bytes: Uint8Array;
  /** Of `bytes`, 64 hex digits; the archive's name. */
  readonly sha256: string;
}

const poolName = /^[a-z][a-z0-9-]*$/;

/**
 * Everything a machine of this region needs besides what it learns at boot and the programs it fetches. The same
 * props give the same bytes. Holds no secret and no Terraform token.
 */
export function renderNodeBundle(props: NodeBundleProps): NodeBundle {
  const { serverCount, releases } = props;
  const texts: Record<string, string> = {
    "cluster.json": `${JSON.stringify(clusterDocument(props), null, 2)}\n`,
    "install.sh": readFileSync(new URL("./files/install.sh", import.meta.url), "utf8"),
    "agent/agent.cjs": props.agentProgram,
  };
  const add = (role: string, files: Readonly<Record<string, string>>) => {
    for (const [path, content] of Object.entries(files)) texts[`roles/${role}/${path}`] = content;
  };
  add(bundleRole(), renderRoleFiles({ kind: { role: "server", arch: props.serverArch, ingress: false }, serverCount, releases }));
  for (const [pool, { arch, ingress }] of Object.entries(props.pools)) {
    if (!poolName.test(pool)) throw new Error(`pools: not a pool's name, got ${JSON.stringify(pool)}; expected ${poolName}. Rename it`);
    add(bundleRole(pool), renderRoleFiles({ kind: { role: "client", arch, ingress }, pool, serverCount, releases }));
  }
  const files = Object.fromEntries(
    Object.entries(texts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, content]): [string, BundleFile] => [path, { content, mode: path.endsWith(".sh") ? 0o755 : 0o644 }]),
  );
  const bytes = archive(files);
  return { files, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** What the agent knows of its region beyond its own machine. */
function clusterDocument({ environment, region, serverCount, pools }: NodeBundleProps): object {
  const sorted = Object.entries(pools).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    environment,
    region,
    serverCount,
    pools: Object.fromEntries(
      sorted.map(([name, { arch, ingress, domain }]) => [name, { arch, ingress, ...(domain === undefined ? {} : { domain }) }]),
    ),
  };
}

function archive(files: NodeBundle["files"]): Uint8Array {
  const items = Object.entries(files).map(([name, { content, mode }]) => {
    // The header's name field; longer ones would be cut without a word.
    if (Buffer.byteLength(name) > 99)
      throw new Error(`${name}: too long for a tar, got ${Buffer.byteLength(name)} bytes; expected at most 99. Shorten the pool's name`);
    return { name, data: content, attrs: { mode: mode.toString(8), uid: 0, gid: 0, mtime: 0, user: "root", group: "root" } };
  });
  return createTar(items);
}
