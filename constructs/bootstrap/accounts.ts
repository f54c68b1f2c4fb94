import { dirname } from "node:path/posix";
import { bootFiles, paths, users } from "./layout.ts";

/** sysusers.d(5): one system user and group per program, none with a shell or a home. */
export function renderUsers(): string {
  return Object.values(users)
    .map((user) => `u ${user} - "${user}"\n`)
    .join("");
}

/** tmpfiles.d(5): folders that several programs share; those of one service only are its unit's `StateDirectory`. */
export function renderFolders(role: "server" | "client"): string {
  const nomad = role === "server" ? users.nomad : "root";
  const lines = [
    folder("/etc/edge-fleet", "0755", "root"),
    folder(paths.tls, "0755", "root"),
    folder(paths.tokens, "0750", "root", users.agent),
    folder(paths.consulConfig, "0755", "root"),
    folder(paths.nomadConfig, "0755", "root"),
    folder(paths.nomadData, "0700", nomad),
    folder("/var/lib/edge-fleet", "0755", "root"),
    folder(paths.agentData, "0755", users.agent),
    // Nomad's host volume must be there when its client starts.
    folder(paths.appHostData, "0755", users.agent),
    folder(dirname(paths.traefikDynamic), "0755", users.agent),
    // Traefik needs a document to start with; the agent replaces it.
    `f ${paths.traefikDynamic} 0644 ${users.agent} ${users.agent} - {}`,
    ...(role === "client" ? [folder(dirname(bootFiles.nomadIntroduction), "0700", "root")] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function folder(path: string, mode: string, owner: string, group = owner): string {
  return `d ${path} ${mode} ${owner} ${group} -`;
}
