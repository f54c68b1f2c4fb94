import { type Context, holding, stacksOf } from "../context.ts";
import { runSteps } from "../output/steps.ts";
import { criticalSums, joinTimelines, timelineText } from "../output/timeline.ts";
import { preflight } from "../preflight/preflight.ts";
import { synth } from "../synth.ts";
import { type UpResult, upSteps } from "../up/steps.ts";

/** `fleet up`: makes everything that the environment declares, and ends with the answers of its apps. */
export async function upCommand(context: Context): Promise<void> {
  const { environment, output } = context;
  const first = await runSteps([{ id: "preflight", title: "preflight", after: [], run: () => preflight(context) }], output.renderer());
  await holding(context, `fleet up ${environment.name}`, async () => {
    const second = await runSteps(
      [{ id: "synth", title: `synth ${environment.name}`, after: [], run: () => synth(environment.name) }],
      output.renderer(),
    );
    const result: UpResult = { stacks: new Map(), answers: new Map(), unreleased: [] };
    const rest = await runSteps(upSteps(context, stacksOf(context), result), output.renderer(), ["synth"]);
    report(context, result, joinTimelines([first, second, rest]));
  });
}

function report({ output }: Context, result: UpResult, timeline: ReturnType<typeof joinTimelines>): void {
  for (const line of timelineText(timeline)) output.print(line);
  for (const [stack, { changes }] of result.stacks) {
    const { add, change, remove } = changes;
    output.print(`${stack}: ${add + change + remove === 0 ? "unchanged" : `${add} added, ${change} changed, ${remove} deleted`}`);
  }
  for (const app of result.unreleased) {
    output.print(`${app}: declared, never released. Release it with \`fleet app release ${app} <component>\``);
  }
  for (const [app, { url, answer }] of result.answers)
    output.print(`\n${app.split(" ")[0]} answers at ${url}\n  ${answer.body.trim().split("\n").join("\n  ")}`);
  output.result({
    stacks: Object.fromEntries([...result.stacks].map(([stack, { changes }]) => [stack, changes])),
    answers: [...result.answers].map(([app, { url, answer }]) => ({
      app: app.split(" ")[0],
      region: app.split(" ")[1],
      url,
      status: answer.status,
      release: answer.release,
      body: answer.body,
    })),
    unreleased: result.unreleased,
    timeline,
    critical: criticalSums(timeline),
  });
}
