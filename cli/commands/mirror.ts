import { join } from "node:path";
import { releases } from "../../config/locks/releases.ts";
import { type Context, clientsOf } from "../context.ts";
import { architecturesOf, artefactBucket } from "../environments.ts";
import { cacheRoot } from "../folders.ts";
import { builtPrograms, lockedPrograms, type MirrorResult, mirrorReleases } from "../releases/mirror.ts";

/** `fleet releases mirror`, for one region: after keep, which makes the bucket. */
export async function mirrorRegion(context: Context, region: string, say: (text: string) => void): Promise<MirrorResult> {
  const { environment, sandbox } = context;
  return mirrorReleases({
    s3: clientsOf(context, region).s3,
    bucket: artefactBucket(environment, region),
    releases,
    architectures: architecturesOf(environment),
    // The sandbox has its own programs: official releases where there is internet, else built from the pinned modules.
    find: sandbox === undefined ? lockedPrograms(releases, join(cacheRoot(), "downloads")) : builtPrograms(sandbox.programFile),
    say,
  });
}
