import { stringify } from "yaml";
import type { ReleasesLock } from "../../config/releases.ts";
import { renderFolders, renderUsers } from "./accounts.ts";
import { paths } from "./layout.ts";
import { type MachineKind, renderPrograms } from "./programs.ts";
import { consulClientSettings, consulServerSettings } from "./settings/consul.ts";
import { nomadClientSettings, nomadServerSettings } from "./settings/nomad.ts";
import { traefikSettings } from "./settings/traefik.ts";
import { agentUnit, bootstrapUnit, refreshTimer, refreshUnit, rejoinPath } from "./units/bootstrap.ts";
import { consulUnit } from "./units/consul.ts";
import { nomadClientUnit, nomadServerUnit } from "./units/nomad.ts";
import { traefikUnit } from "./units/traefik.ts";
import { renderUnit, type UnitFile } from "./units/unit-file.ts";

export type RoleFilesProps = { readonly serverCount: number; readonly releases: ReleasesLock } & (
  | { readonly kind: MachineKind & { readonly role: "server" } }
  | { readonly kind: MachineKind & { readonly role: "client" }; readonly pool: string }
);

/**
 * Files of one role, relative to `roles/<role>/` of the bundle: `root/` mirrors the machine's own tree, `programs`
 * and `units` are the lists that `install.sh` works through.
 */
export function renderRoleFiles(props: RoleFilesProps): Record<string, string> {
  const { kind } = props;
  const { units, settings } =
    kind.role === "server" ? server(props.serverCount) : client({ ...kind, pool: "pool" in props ? props.pool : "" });
  return {
    programs: renderPrograms(kind, props.releases),
    // Templates and units that timers start have no [Install] and are not enabled.
    units: Object.entries(units)
      .filter(([, unit]) => unit.Install !== undefined)
      .map(([name]) => `${name}\n`)
      .join(""),
    "root/etc/sysusers.d/edge-fleet.conf": renderUsers(),
    "root/etc/tmpfiles.d/edge-fleet.conf": renderFolders(kind.role),
    ...Object.fromEntries(Object.entries(units).map(([name, unit]) => [`root/etc/systemd/system/${name}`, renderUnit(unit)])),
    ...Object.fromEntries(Object.entries(settings).map(([path, text]) => [`root${path}`, text])),
  };
}

interface Role {
  readonly units: Readonly<Record<string, UnitFile>>;
  readonly settings: Readonly<Record<string, string>>;
}

const everywhere = {
  "edge-fleet-bootstrap.service": bootstrapUnit,
  "edge-fleet-refresh.service": refreshUnit,
  "edge-fleet-refresh.timer": refreshTimer,
  "consul.service": consulUnit,
  "edge-fleet-agent.service": agentUnit,
} as const;

function server(serverCount: number): Role {
  return {
    units: { ...everywhere, "nomad.service": nomadServerUnit },
    settings: {
      [`${paths.consulConfig}/10-static.json`]: json(consulServerSettings({ serverCount })),
      [`${paths.nomadConfig}/10-static.json`]: json(nomadServerSettings({ serverCount })),
    },
  };
}

function client({ ingress, pool, arch }: MachineKind & { readonly pool: string }): Role {
  return {
    units: {
      ...everywhere,
      "edge-fleet-rejoin.path": rejoinPath,
      "nomad.service": nomadClientUnit,
      ...(ingress ? { "traefik.service": traefikUnit } : {}),
    },
    settings: {
      [`${paths.consulConfig}/10-static.json`]: json(consulClientSettings()),
      [`${paths.nomadConfig}/10-static.json`]: json(nomadClientSettings({ pool, arch })),
      ...(ingress ? { [`${paths.traefikConfig}/traefik.yml`]: stringify(traefikSettings()) } : {}),
    },
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
