import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { UserError } from "../errors.ts";
import { objectExists } from "../objects.ts";
import { readIndex, readStatus } from "../status/read.ts";
import { waitFor } from "../wait.ts";
import type { ReleasePlace } from "./release.ts";

export interface Served {
  /** From when the leader had seen the release until its native code was in the bucket; about 0 where it was there already. */
  readonly compileMs: number;
  /** From then until every node of the pool served it. */
  readonly spreadMs: number;
}

export interface ServingWait {
  readonly app: string;
  /** sha256 of the released component. */
  readonly component: string;
  readonly places: readonly ReleasePlace[];
  readonly deadlineMs: number;
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Waits until every node of every region serves the release, and tells compiling from spreading. Throws the leader's `problem`. */
export async function waitUntilServed(wait: ServingWait): Promise<Served> {
  const all = await Promise.all(wait.places.map((place) => servedIn(place, wait)));
  return {
    compileMs: Math.max(...all.map(({ compileMs }) => compileMs)),
    spreadMs: Math.max(...all.map(({ spreadMs }) => spreadMs)),
  };
}

async function servedIn({ region, s3, bucket }: ReleasePlace, { app, component, deadlineMs, say, signal }: ServingWait): Promise<Served> {
  let seenAt: number | undefined;
  let compiledAt: number | undefined;
  return waitFor<Served>({
    what: `app ${app} in ${region}`,
    deadlineMs,
    intervalMs: 300,
    onStill: say,
    ...(signal === undefined ? {} : { signal }),
    todo: `See \`fleet status\`; on a server \`journalctl -u edge-fleet-agent\` says what the leader does`,
    look: async () => {
      const index = await readIndex(s3, bucket);
      const entry = index?.apps[app];
      if (entry?.component === component && entry.problem !== undefined) throw refused(app, component, region, entry.problem);
      if (index === undefined || entry?.component !== component) return { still: "the leader has not seen the release yet" };
      seenAt ??= performance.now();
      if (compiledAt === undefined) {
        if (!(await objectExists(s3, bucket, artefactKeys.compiled(component, index.engine)))) return { still: "compiling" };
        compiledAt = performance.now();
      }
      const status = (await readStatus(s3, bucket))?.apps[app];
      if (status?.component !== component) return { still: "compiled; no node reports it yet" };
      if (status.problem !== undefined) throw refused(app, component, region, status.problem);
      const { serving, of } = status.nodes;
      if (of === 0 || serving < of) return { still: `served by ${serving} of ${of} nodes` };
      return { value: { compileMs: compiledAt - seenAt, spreadMs: performance.now() - compiledAt } };
    },
  });
}

function refused(app: string, component: string, region: string, problem: string): UserError {
  return new UserError(
    `app ${app}: release ${component.slice(0, 12)} is not served in ${region}, got ${problem}; expected a component that compiles and starts`,
    `Release one that does, or go back with \`fleet app rollback ${app}\`; what was served before still is`,
  );
}
