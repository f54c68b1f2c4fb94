import { existsSync } from "node:fs";
import { hostArchitecture, programPath } from "../../sandbox/agents/programs.ts";

/** Why machines cannot be booted now: undefined when every agent of the lock is in the cache and the user is root on Linux. */
export function agentsInCache(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "machines need root on Linux";
  const missing = (["consul", "nomad", "traefik"] as const).filter((name) => !existsSync(programPath(name, hostArchitecture())));
  return missing.length === 0 ? undefined : `agents not in the cache: ${missing.join(", ")} (\`npm run up\` fills it)`;
}
