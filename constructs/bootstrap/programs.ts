import type { Program, ReleasesLock } from "../../config/releases.ts";
import { type Architecture, artefactKeys } from "../core/artefacts.ts";

/** What a machine runs. */
export interface MachineKind {
  readonly role: "server" | "client";
  readonly arch: Architecture;
  /** Runs Traefik and stands behind the load balancer. */
  readonly ingress: boolean;
}

/** Programs of a kind of machine, the one that the boot needs first at the front. */
export function programsOf({ role, ingress }: MachineKind): readonly Program[] {
  if (role === "server") return ["node", "nomad", "consul"];
  return ["node", "nomad", "consul", "app-host", "app-compile", ...(ingress ? (["traefik"] as const) : [])];
}

/** The list that `install.sh` reads: `<program> <key in the artefact bucket>` a line. */
export function renderPrograms(kind: MachineKind, releases: ReleasesLock): string {
  return programsOf(kind)
    .map((program) => `${program} ${artefactKeys.releaseFile(program, releases[program].version, kind.arch)}\n`)
    .join("");
}
