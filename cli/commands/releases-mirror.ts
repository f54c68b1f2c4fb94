import type { Context } from "../context.ts";
import { regionsOf } from "../environments.ts";
import { runSteps } from "../output/steps.ts";
import { preflight } from "../preflight/preflight.ts";
import type { MirrorResult } from "../releases/mirror.ts";
import { mirrorRegion } from "./mirror.ts";

/** `fleet releases mirror`: every program of the lock, in every region of the environment. */
export async function releasesMirrorCommand(context: Context): Promise<void> {
  const results: Record<string, MirrorResult> = {};
  await runSteps(
    [
      { id: "preflight", title: "preflight", after: [], run: () => preflight(context) },
      ...regionsOf(context.environment).map((region) => ({
        id: region,
        title: `mirror programs to ${region}`,
        after: ["preflight"],
        run: async ({ say }: { say: (text: string) => void }) => {
          results[region] = await mirrorRegion(context, region, say);
        },
      })),
    ],
    context.output.renderer(),
  );
  for (const [region, { uploaded, kept, manifest }] of Object.entries(results)) {
    context.output.print(`${region}: ${uploaded.length} uploaded, ${kept} there already; ${manifest}`);
  }
  context.output.result({ regions: results });
}
