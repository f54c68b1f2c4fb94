import { type Context, stateClients } from "../context.ts";
import { preflight } from "../preflight/preflight.ts";
import { initState, statePlace } from "../state-init.ts";

/** `fleet state init`: the place for the environment's states. */
export async function stateInitCommand(context: Context): Promise<void> {
  await preflight(context);
  const done = await initState(stateClients(context).s3, context.environment);
  const place = statePlace(context.environment);
  const name = place.kind === "s3" ? `s3://${place.bucket}` : place.folder;
  context.output.print(`${name}: ${done === "made" ? "made" : "is there already, settings as they should be"}`);
  context.output.result({ state: place, made: done === "made" });
}
