import { type Context, holding, stacksOf, stackWork } from "../context.ts";
import { runSteps } from "../output/steps.ts";
import { preflight } from "../preflight/preflight.ts";
import { synth } from "../synth.ts";
import { planStack } from "../terraform/deploy.ts";

/** `fleet plan`: what `up` would change. Exit code 2 when that is anything. */
export async function planCommand(context: Context): Promise<number> {
  const { environment, output } = context;
  await runSteps([{ id: "preflight", title: "preflight", after: [], run: () => preflight(context) }], output.renderer());
  return holding(context, `fleet plan ${environment.name}`, async () => {
    await runSteps([{ id: "synth", title: `synth ${environment.name}`, after: [], run: () => synth(environment.name) }], output.renderer());
    const plans: { stack: string; add: number; change: number; remove: number; resources: readonly string[] }[] = [];
    await runSteps(
      // Each plan reads the states of others as they are now, so no plan waits for another one.
      stacksOf(context).map((stack) => ({
        id: stack.name,
        title: `plan ${stack.name}`,
        after: [],
        run: async ({ say }) => {
          const { changes, addresses } = await planStack(stack, await stackWork(context, stack, say));
          plans.push({ stack: stack.name, add: changes.add, change: changes.change, remove: changes.remove, resources: addresses });
        },
      })),
      output.renderer(),
    );
    plans.sort((a, b) => (a.stack < b.stack ? -1 : 1));
    for (const { stack, add, change, remove, resources } of plans) {
      output.print(`${stack}: ${add + change + remove === 0 ? "no changes" : `${add} to add, ${change} to change, ${remove} to delete`}`);
      for (const resource of resources) output.print(`  ${resource}`);
    }
    output.result({ plans });
    return plans.some(({ add, change, remove }) => add + change + remove > 0) ? 2 : 0;
  });
}
