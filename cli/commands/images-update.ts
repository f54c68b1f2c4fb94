import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { images } from "../../config/locks/images.ts";
import type { Architecture } from "../../constructs/core/artefacts.ts";
import { type Context, clientsOf } from "../context.ts";
import { architecturesOf, regionsOf } from "../environments.ts";
import { UserError } from "../errors.ts";
import { projectFolder, writeWhole } from "../folders.ts";
import { withImages } from "../images-lock.ts";
import { preflight } from "../preflight/preflight.ts";

/** Debian's own account: https://wiki.debian.org/Cloud/AmazonEC2Image/Trixie */
const debianAccount = "136693071363";

/** `fleet images update`: the newest Debian 13 image of each region and architecture, written into the lock. */
export async function imagesUpdateCommand(context: Context): Promise<void> {
  const { environment, output, sandbox } = context;
  if (sandbox !== undefined) {
    throw new UserError(
      `environment ${environment.name}: has no images to look up, got the emulated account; expected a real one`,
      "Its images are the Debian 13 tree of the sandbox, which `fleet up` makes",
    );
  }
  await preflight(context);
  const found: Record<string, Partial<Record<Architecture, string>>> = {};
  for (const region of regionsOf(environment)) {
    const byArchitecture: Partial<Record<Architecture, string>> = {};
    for (const arch of architecturesOf(environment)) byArchitecture[arch] = await newestImage(context, region, arch);
    found[region] = byArchitecture;
  }
  const file = join(projectFolder, "config/locks/images.ts");
  const before = readFileSync(file, "utf8");
  const after = withImages(before, environment.name, found);
  if (after !== before) writeWhole(file, after);
  for (const [region, ids] of Object.entries(found)) {
    for (const [arch, id] of Object.entries(ids)) {
      const old = images[environment.name]?.[region]?.[arch as Architecture];
      output.print(`${region} ${arch}: ${id}${old === id ? "" : ` (was ${old ?? "none"})`}`);
    }
  }
  output.result({ environment: environment.name, images: found, changed: after !== before });
}

async function newestImage(context: Context, region: string, arch: Architecture): Promise<string> {
  const { Images } = await clientsOf(context, region).ec2.send(
    new DescribeImagesCommand({
      Owners: [debianAccount],
      Filters: [
        { Name: "name", Values: [`debian-13-${arch}-*`] },
        { Name: "state", Values: ["available"] },
      ],
    }),
  );
  const [newest] = [...(Images ?? [])].sort((a, b) => ((a.CreationDate ?? "") < (b.CreationDate ?? "") ? 1 : -1));
  if (newest?.ImageId !== undefined) return newest.ImageId;
  throw new UserError(
    `${region}: no image debian-13-${arch}-* of account ${debianAccount}; expected Debian 13`,
    "Enable the region for this account, or write the id of your own copy into config/locks/images.ts",
  );
}
