import { join } from "node:path";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { readComponent } from "../apps/component.ts";
import { readReleases } from "../apps/documents.ts";
import { callerName, type ReleasePlace, releaseComponent, requireDeclared, requireDeployed, setRelease } from "../apps/release.ts";
import { waitUntilServed } from "../apps/serving.ts";
import { type Context, clientsOf } from "../context.ts";
import { artefactBucket, regionsOf } from "../environments.ts";
import { UserError } from "../errors.ts";
import { projectFolder } from "../folders.ts";
import { objectExists } from "../objects.ts";
import { runSteps } from "../output/steps.ts";
import { seconds } from "../output/timeline.ts";

/** Where apps are released: the artefact bucket of each region. */
export function releasePlaces(context: Context): ReleasePlace[] {
  return regionsOf(context.environment).map((region) => ({
    region,
    s3: clientsOf(context, region).s3,
    bucket: artefactBucket(context.environment, region),
  }));
}

export const componentFile = (app: string): string => join(projectFolder, "apps", app, "app.wasm");

/** How long a release may take until every node serves it. */
const servedDeadlineMs = 300_000;

/** `fleet app release <app> [component]` */
export async function releaseCommand(context: Context, app: string, file: string | undefined): Promise<void> {
  requireDeclared(context.environment, app);
  const component = readComponent(file ?? componentFile(app));
  await change(context, app, component.sha256, (places, who) => releaseComponent(app, component, places, who));
}

/** `fleet app rollback <app> [--to <sha256>]`: the release before, or the named one of the history. */
export async function rollbackCommand(context: Context, app: string, to: string | undefined): Promise<void> {
  requireDeclared(context.environment, app);
  const places = releasePlaces(context);
  await requireDeployed(context.environment, app, places);
  const sha256 = await rollbackTarget(places, app, to);
  await change(context, app, sha256, (all, who) => setRelease(app, sha256, all, who));
}

/** `fleet app history <app>` */
export async function historyCommand(context: Context, app: string): Promise<void> {
  requireDeclared(context.environment, app);
  const places = releasePlaces(context);
  await requireDeployed(context.environment, app, places);
  const regions: Record<string, unknown> = {};
  for (const { region, s3, bucket } of places) {
    const document = (await readReleases(s3, bucket, app))?.document;
    regions[region] = document ?? null;
    context.output.print(`${region}${document === undefined ? ": never released" : ""}`);
    const releases = document === undefined ? [] : [document.current, ...document.history];
    for (const [index, { component, releasedAt, releasedBy }] of releases.entries()) {
      context.output.print(`${index === 0 ? "*" : " "} ${component.slice(0, 16)}  ${releasedAt}  ${releasedBy}`);
    }
  }
  context.output.result({ app, regions });
}

type Write = (places: readonly ReleasePlace[], who: string) => Promise<"written" | "unchanged">;

async function change(context: Context, app: string, sha256: string, write: Write): Promise<void> {
  const places = releasePlaces(context);
  let served = { compileMs: 0, spreadMs: 0 };
  let written = "unchanged";
  await runSteps(
    [
      {
        id: "write",
        title: `release ${app} ${sha256.slice(0, 12)}`,
        after: [],
        run: async () => {
          await requireDeployed(context.environment, app, places);
          const { sts } = clientsOf(context, places[0]?.region ?? "us-east-1");
          written = await write(places, await callerName(sts));
        },
      },
      {
        id: "serve",
        title: "until every node serves it",
        after: ["write"],
        run: async ({ say, signal }) => {
          served = await waitUntilServed({ app, component: sha256, places, deadlineMs: servedDeadlineMs, say, signal });
        },
      },
    ],
    context.output.renderer(),
  );
  const { compileMs, spreadMs } = served;
  context.output.print(
    `${app} ${sha256.slice(0, 12)}: ${written === "written" ? "released" : "is the release already"}; compiled in ${seconds(compileMs)}, served by every node ${seconds(spreadMs)} later`,
  );
  context.output.result({
    app,
    component: sha256,
    written: written === "written",
    compileSeconds: compileMs / 1000,
    spreadSeconds: spreadMs / 1000,
  });
}

/** The component to go back to; must be the same in all regions, and still be there. */
export async function rollbackTarget(places: readonly ReleasePlace[], app: string, to: string | undefined): Promise<string> {
  const targets = new Set<string>();
  for (const { region, s3, bucket } of places) {
    const document = (await readReleases(s3, bucket, app))?.document;
    const known = [...new Set((document?.history ?? []).map(({ component }) => component))];
    const fitting = to === undefined ? known.slice(0, 1) : known.filter((component) => component.startsWith(to.toLowerCase()));
    const [target] = fitting;
    if (target === undefined || fitting.length > 1) {
      throw new UserError(
        `app ${app}: ${target === undefined ? "no such earlier release" : "more than one earlier release fits"} in ${region}, got ${to ?? "no --to"}; expected ${known.length === 0 ? "an app that was released twice" : known.map((component) => component.slice(0, 12)).join(" | ")}`,
        `See \`fleet app history ${app}\``,
      );
    }
    if (!(await objectExists(s3, bucket, artefactKeys.component(target)))) {
      throw new UserError(
        `app ${app}: component ${target.slice(0, 12)} is gone from ${bucket}, got no ${artefactKeys.component(target)}; expected it`,
        "Release it again from its file",
      );
    }
    targets.add(target);
  }
  const [target] = targets;
  if (target === undefined || targets.size > 1) {
    throw new UserError(
      `app ${app}: regions differ in their last release, got ${[...targets].map((component) => component.slice(0, 12)).join(", ")}; expected one`,
      "Name the component with --to",
    );
  }
  return target;
}
