import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { emptyBucket } from "../buckets.ts";
import { type Context, clientsOf, stackWork, stateClients } from "../context.ts";
import { artefactBucket, regionsOf } from "../environments.ts";
import { isMissing } from "../objects.ts";
import type { Step } from "../output/steps.ts";
import { deleteState } from "../state-init.ts";
import { destroyStack } from "../terraform/deploy.ts";
import { settle } from "../terraform/settle.ts";
import type { Stack } from "../terraform/stacks.ts";
import { readState } from "../terraform/state-file.ts";

/** Deletes the stacks, each after all that read it; with `everything` also keep, the apps' objects and the states. */
export function downSteps(context: Context, stacks: readonly Stack[], everything: boolean): Step[] {
  const plain = stacks.filter(({ kind }) => kind !== "keep");
  const keep = stacks.filter(({ kind }) => kind === "keep");
  const regions = regionsOf(context.environment);
  return [
    ...plain.map((stack) => destroyStep(context, stack, dependentsOf(stack, plain))),
    ...regions.map((region) => statusStep(context, region, plain)),
    ...(everything ? everythingSteps(context, keep, regions) : []),
  ];
}

function destroyStep(context: Context, stack: Stack, after: readonly string[]): Step {
  return {
    id: stack.name,
    title: `destroy ${stack.name}`,
    after,
    run: async ({ say, part }) => {
      const work = await stackWork(context, stack, say);
      // First: a run that was killed may have made things before it wrote any state.
      await settle(stack, work);
      if ((await readState(work.stateS3, stack.backend)).length === 0) {
        say("holds nothing");
        return;
      }
      const { times } = await destroyStack(stack, work);
      part("provider starts", times.providerStartsMs);
      part("provider waits", times.providerWaitsMs);
    },
  };
}

/** Nobody writes it any more, and the next `up` must not take it for news. */
function statusStep(context: Context, region: string, stacks: readonly Stack[]): Step {
  return {
    id: `status:${region}`,
    title: `forget the status of ${region}`,
    after: stacks.filter((stack) => stack.region === region).map(({ name }) => name),
    run: async () => {
      await unlessMissing(
        clientsOf(context, region).s3.send(
          new DeleteObjectCommand({ Bucket: artefactBucket(context.environment, region), Key: artefactKeys.status }),
        ),
      );
    },
  };
}

function everythingSteps(context: Context, keep: readonly Stack[], regions: readonly string[]): Step[] {
  return [
    ...regions.map((region) => ({
      id: `objects:${region}`,
      title: `delete apps, releases and programs in ${region}`,
      after: [`status:${region}`],
      run: async ({ say }: { say: (text: string) => void }) => {
        const count = await unlessMissing(emptyBucket(clientsOf(context, region).s3, artefactBucket(context.environment, region)));
        say(`${count ?? 0} objects and versions`);
      },
    })),
    ...keep.map((stack) => destroyStep(context, stack, [`objects:${stack.region}`])),
    {
      id: "state",
      title: "delete the states",
      after: keep.map(({ name }) => name),
      run: () => deleteState(stateClients(context).s3, context.environment),
    },
  ];
}

function dependentsOf(stack: Stack, stacks: readonly Stack[]): string[] {
  return stacks.filter(({ dependencies }) => dependencies.includes(stack.name)).map(({ name }) => name);
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
