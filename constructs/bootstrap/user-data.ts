import { readFileSync } from "node:fs";
import { basename } from "node:path/posix";
import { stringify } from "yaml";
import { renderBootstrapEnv, type UserDataProps } from "./bootstrap-env.ts";
import { bootScripts, paths } from "./layout.ts";
import { installUnit } from "./units/install.ts";
import { renderUnit } from "./units/unit-file.ts";

export type { UserDataProps } from "./bootstrap-env.ts";

/** EC2's limit before base64: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
const limitBytes = 16 * 1024;

/**
 * cloud-config of one kind of machine: the machine's values, the programs that fetch the node bundle, and the unit
 * that runs them. Holds no secret and no Terraform token.
 */
export function renderUserData(props: UserDataProps): string {
  const config = {
    write_files: [
      { path: paths.bootstrapEnv, permissions: "0644", content: renderBootstrapEnv(props) },
      script(bootScripts.fetchArtefacts),
      script(bootScripts.fetchBundle),
      { path: "/etc/systemd/system/edge-fleet-install.service", permissions: "0644", content: renderUnit(installUnit) },
    ],
    runcmd: [
      ["systemctl", "daemon-reload"],
      // Without waiting: cloud-init's last stage is part of the boot that the unit's own dependencies wait for.
      ["systemctl", "--no-block", "enable", "--now", "edge-fleet-install.service"],
    ],
  };
  const text = `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > limitBytes)
    throw new Error(
      `userData: too long, got ${bytes} bytes; expected at most ${limitBytes}, EC2's limit. Move what grew into the node bundle`,
    );
  return text;
}

function script(path: string): { path: string; permissions: string; content: string } {
  return { path, permissions: "0755", content: readFileSync(new URL(`./files/${basename(path)}`, import.meta.url), "utf8") };
}
