import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { releases } from "../../config/locks/releases.ts";

/** Why machines cannot be booted now: undefined when every agent of the lock is in the cache and the user is root on Linux. */
export function agentsInCache(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "machines need root on Linux";
  const cache = process.env.EDGE_FLEET_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "edge-fleet");
  const arch = process.arch === "arm64" ? "arm64" : "amd64";
  const missing = (["consul", "nomad", "traefik"] as const).filter(
    (name) => !existsSync(join(cache, "agents", `${name}-${releases[name].version}-${arch}`, name)),
  );
  return missing.length === 0 ? undefined : `agents not in the cache: ${missing.join(", ")} (\`npm run up\` fills it)`;
}
