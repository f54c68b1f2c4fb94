import { type Component, readComponent } from "../apps/component.ts";
import { readReleases } from "../apps/documents.ts";
import { callerName, releaseComponent } from "../apps/release.ts";
import { waitUntilServed } from "../apps/serving.ts";
import { componentFile, releasePlaces } from "../commands/app.ts";
import { mirrorRegion } from "../commands/mirror.ts";
import { type Context, clientsOf, stackWork, stateClients } from "../context.ts";
import { artefactBucket, regionsOf } from "../environments.ts";
import { UserError } from "../errors.ts";
import type { Step } from "../output/steps.ts";
import { initState } from "../state-init.ts";
import { clusterProblems } from "../status/health.ts";
import { readStatus } from "../status/read.ts";
import { deployStack, type StackResult } from "../terraform/deploy.ts";
import type { Stack } from "../terraform/stacks.ts";
import { waitFor } from "../wait.ts";
import { buildComponent, hasSources, isUnreleased } from "./components.ts";
import { type Answer, ingressOf, waitForAnswer } from "./ingress.ts";

/** What `up` found out on its way. */
export interface UpResult {
  readonly stacks: Map<string, StackResult>;
  readonly answers: Map<string, { readonly url: string; readonly answer: Answer }>;
  /** Apps that are declared and have neither a release nor sources here. */
  readonly unreleased: string[];
}

/**
 * From the beginning of the platform's apply, whose load balancer takes a minute while the machines boot already, until
 * they have joined and elected: a fifth of that is needed on two cores.
 */
const bootDeadlineMs = 900_000;
/** From the same beginning until every node serves. */
const servedDeadlineMs = 1_200_000;

/** Everything after the synth, each step as early as it can be. */
export function upSteps(context: Context, stacks: readonly Stack[], result: UpResult): Step[] {
  const { environment } = context;
  const local = context.sandbox === undefined ? [] : sandboxSteps(context);
  const started = context.sandbox === undefined ? ["synth"] : ["sandbox"];
  const apps = Object.keys(environment.apps);
  return [
    ...local,
    {
      id: "state",
      title: "state bucket",
      after: started,
      run: async ({ say }) => say(await initState(stateClients(context).s3, environment)),
    },
    ...stacks.map((stack) => stackStep(context, stack, stacks, result)),
    ...regionsOf(environment).map((region) => mirrorStep(context, stacks, region)),
    ...regionsOf(environment).map((region) => bootStep(context, stacks, region)),
    ...apps.flatMap((app) => appSteps(context, app, stacks, result)),
  ];
}

function sandboxSteps({ sandbox }: Context): Step[] {
  if (sandbox === undefined) return [];
  return [
    { id: "sandbox", title: "start the emulated region", after: ["synth"], run: ({ say }) => sandbox.startSandbox({ onProgress: say }) },
    {
      id: "prepare",
      title: "machine tree and programs",
      after: ["synth"],
      abandon: true,
      run: async ({ say }) => {
        await sandbox.prepare({ onProgress: say });
      },
    },
  ];
}

function stackStep(context: Context, stack: Stack, stacks: readonly Stack[], result: UpResult): Step {
  return {
    id: stack.name,
    title: `apply ${stack.name}`,
    after: beforeStack(stack, stacks),
    run: async ({ say, part }) => {
      const done = await deployStack(stack, await stackWork(context, stack, say));
      result.stacks.set(stack.name, done);
      part("provider starts", done.times.providerStartsMs);
      part("provider waits", done.times.providerWaitsMs);
    },
  };
}

function beforeStack(stack: Stack, stacks: readonly Stack[]): string[] {
  // No stack depends on keep in the graph, but all but base find their bucket, secrets and programs there by name.
  const byName = stack.kind === "keep" || stack.kind === "base" ? [] : namesOf(stacks, "keep", stack.region);
  const mirrored = stack.kind === "platform" ? [`mirror:${stack.region}`] : [];
  return [...new Set(["state", ...stack.dependencies, ...byName, ...mirrored])];
}

/** Machines boot while the platform's other resources are made, so what waits for them begins with the platform. */
function besidePlatform(stacks: readonly Stack[], region?: string): string[] {
  const platforms = stacks.filter((stack) => stack.kind === "platform" && (region === undefined || stack.region === region));
  return [...new Set(platforms.flatMap((platform) => beforeStack(platform, stacks)))];
}

function mirrorStep(context: Context, stacks: readonly Stack[], region: string): Step {
  return {
    id: `mirror:${region}`,
    title: `mirror programs to ${region}`,
    after: [...namesOf(stacks, "keep", region), ...(context.sandbox === undefined ? [] : ["prepare"])],
    run: async ({ say }) => {
      const { uploaded, kept } = await mirrorRegion(context, region, say);
      say(`${uploaded.length} uploaded, ${kept} there already`);
    },
  };
}

function bootStep(context: Context, stacks: readonly Stack[], region: string): Step {
  const { environment } = context;
  return {
    id: `boot:${region}`,
    title: `machines and quorum in ${region}`,
    after: besidePlatform(stacks, region),
    run: async ({ say, part, signal }) => {
      const start = performance.now();
      let launched: number | undefined;
      await waitFor({
        what: `machines of ${region}`,
        deadlineMs: bootDeadlineMs,
        onStill: say,
        signal,
        todo: "See `fleet sandbox status` for the machines, and on one of them (`fleet sandbox shell <machine>`) `cloud-init status --long` and `journalctl -u edge-fleet-bootstrap -u consul -u nomad -u edge-fleet-agent`",
        look: async () => {
          if ((await goodMachines(context)) > 0) launched ??= performance.now();
          const status = await readStatus(clientsOf(context, region).s3, artefactBucket(environment, region));
          const problems = clusterProblems(environment, status, Date.now());
          return problems.length === 0 ? { value: undefined } : { still: problems.join(", ") };
        },
      });
      part("boot", performance.now() - (launched ?? start));
    },
  };
}

/** Machines that are there, as far as the sandbox knows. One whose user data failed stays as it is: no use to wait for it. */
async function goodMachines({ sandbox }: Context): Promise<number> {
  const machines = (await sandbox?.listMachines()) ?? [];
  const failed = machines.find(({ state }) => state === "failed");
  if (failed === undefined) return machines.length;
  throw new UserError(
    `machine ${failed.name}: its user data failed, got ${failed.problem ?? "no reason"}; expected that it boots`,
    `See \`fleet sandbox shell ${failed.name}\`, there \`cloud-init status --long\` and \`journalctl -u cloud-final\``,
  );
}

/** Builds and releases an app that never was, then waits for its answer. What runs already is left at its release. */
function appSteps(context: Context, app: string, stacks: readonly Stack[], result: UpResult): Step[] {
  const places = releasePlaces.bind(undefined, context);
  const route = context.environment.apps[app]?.routes[0];
  let built: Component | undefined;
  let released: string | undefined;
  return [
    {
      id: `component:${app}`,
      title: `component of ${app}`,
      after: ["state"],
      run: async ({ say, part, signal }) => {
        if (!hasSources(app) || !(await isUnreleased(app, places()))) return;
        const start = performance.now();
        await buildComponent(app, context.folders, say, signal);
        part("component build", performance.now() - start);
        built = readComponent(componentFile(app));
      },
    },
    {
      id: `release:${app}`,
      title: `release of ${app}`,
      after: [`component:${app}`, ...namesOf(stacks, "apps")],
      run: async ({ say }) => {
        const all = places();
        if (built !== undefined) {
          const { sts } = clientsOf(context, all[0]?.region ?? "us-east-1");
          await releaseComponent(app, built, all, await callerName(sts));
        }
        const [first] = all;
        released = first === undefined ? undefined : (await readReleases(first.s3, first.bucket, app))?.document.current.component;
        if (released === undefined) result.unreleased.push(app);
        else say(released.slice(0, 12));
      },
    },
    {
      id: `serve:${app}`,
      title: `${app} on every node`,
      after: [`release:${app}`, ...besidePlatform(stacks)],
      run: async ({ say, part, signal }) => {
        if (released === undefined) return;
        const served = await waitUntilServed({ app, component: released, places: places(), deadlineMs: servedDeadlineMs, say, signal });
        part("compile", served.compileMs);
      },
    },
    {
      id: `answer:${app}`,
      title: `answer of ${app}`,
      after: [`serve:${app}`, ...namesOf(stacks, "platform"), ...regionsOf(context.environment).map((region) => `boot:${region}`)],
      run: async ({ say, signal }) => {
        if (released === undefined || route === undefined) return;
        for (const platform of stacks.filter(({ kind }) => kind === "platform")) {
          const address = await ingressOf(context, platform);
          const answer = await waitForAnswer(address, route, released, say, signal);
          const url = context.sandbox === undefined ? `http://${route} (through ${address.host})` : `http://${route}:${address.port}`;
          result.answers.set(`${app} ${platform.region}`, { url, answer });
        }
      },
    },
  ];
}

function namesOf(stacks: readonly Stack[], kind: string, region?: string): string[] {
  return stacks.filter((stack) => stack.kind === kind && (region === undefined || stack.region === region)).map(({ name }) => name);
}
