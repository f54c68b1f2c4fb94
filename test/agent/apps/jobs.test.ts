import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { appHostJob, appHostMemoryMb } from "../../../agent/apps/app-host-job.ts";
import { compileJob } from "../../../agent/apps/compile-job.ts";
import { keepJobs, wantedJobs } from "../../../agent/apps/lead-jobs.ts";
import type { NomadClient, NomadNode } from "../../../agent/nomad/client.ts";
import { type NomadJob, specHashKey } from "../../../agent/nomad/job.ts";
import { paths, ports, users } from "../../../constructs/bootstrap/layout.ts";

const node = (pool: string, memoryMb = 4_096, status = "ready"): NomadNode => ({
  id: `${pool}-${memoryMb}`,
  name: pool,
  address: "10.0.0.1",
  pool,
  status,
  ready: status === "ready",
  memoryMb,
});

/** Nomad's jobs, and a count of what was written. */
class FakeNomad {
  readonly jobs = new Map<string, NomadJob>();
  writes = 0;
  get client(): NomadClient {
    const part: Pick<NomadClient, "jobMeta" | "registerJob" | "jobIds" | "stopJob"> = {
      jobMeta: async (id) => this.jobs.get(id)?.Meta,
      registerJob: async (job) => {
        this.writes += 1;
        this.jobs.set(job.ID, job);
      },
      jobIds: async (prefix) => [...this.jobs.keys()].filter((id) => id.startsWith(prefix)),
      stopJob: async (id) => {
        this.writes += 1;
        this.jobs.delete(id);
      },
    };
    return part as NomadClient;
  }
}

describe("jobs", () => {
  test("the app host runs as its user on every node of its pool, reads its folder and ends in its own time", () => {
    const job = appHostJob("web", 512);
    expect(job).toMatchObject({ ID: "app-host-web", Type: "system", NodePool: "web" });
    const [group] = job.TaskGroups;
    expect(group?.Networks?.[0]?.ReservedPorts.map(({ Value }) => Value)).toEqual([ports.appHost, ports.appHostAdmin]);
    expect(group?.Volumes?.apps).toMatchObject({ Type: "host", Source: "app-host", ReadOnly: true });
    expect(group?.Tasks[0]).toMatchObject({
      Driver: "exec",
      User: users.appHost,
      KillSignal: "SIGTERM",
      KillTimeout: 30e9,
      Resources: { MemoryMB: 512 },
      Config: { command: `${paths.bin}/app-host` },
    });
  });
  test("a compile gets its URLs by a file, one try and its memory limit, on nodes that run apps only", () => {
    const job = compileJob(["web", "api"]);
    expect(job.Constraints).toEqual([{ LTarget: "$" + "{node.pool}", Operand: "regexp", RTarget: "^(?:api|web)$" }]);
    expect(job.TaskGroups[0]).toMatchObject({ RestartPolicy: { Attempts: 0, Mode: "fail" }, ReschedulePolicy: { Attempts: 0 } });
    expect(job.TaskGroups[0]?.Tasks[0]).toMatchObject({
      User: "nobody",
      Resources: { MemoryMB: 1_024 },
      DispatchPayload: { File: "compile.json" },
      Config: { args: ["--request", "$" + "{NOMAD_TASK_DIR}/compile.json"] },
    });
  });
  test("memory: all but a compile's, in steps, never below the least", () => {
    expect([1_000, 4_096, 4_100, 7_900].map((total) => appHostMemoryMb(total))).toEqual([256, 3_072, 3_072, 6_848]);
    fc.assert(
      fc.property(fc.integer({ min: 1_280, max: 1e6 }), (total) => {
        expect(appHostMemoryMb(total) + 1_024).toBeLessThanOrEqual(total);
      }),
    );
  });
  test("a registered limit stays while it fits and gives away little", () => {
    expect(appHostMemoryMb(4_200, 3_072)).toBe(3_072);
    expect(appHostMemoryMb(4_095, 3_072)).toBe(3_008);
    expect(appHostMemoryMb(8_192, 3_072)).toBe(7_168);
  });
  test("a pool gets its app host with its first ready node, by its smallest one", () => {
    expect(wantedJobs([], [node("web")])).toEqual([]);
    expect(wantedJobs(["web"], [node("web", 4_096, "down"), node("other")]).map(({ ID }) => ID)).toEqual(["compile"]);
    const jobs = wantedJobs(["web"], [node("web", 8_192), node("web", 4_096)]);
    expect(jobs.find(({ ID }) => ID === "app-host-web")?.TaskGroups[0]?.Tasks[0]?.Resources.MemoryMB).toBe(3_072);
  });
  test("what is registered already is left alone; a change is registered; a pool without apps loses its app host", async () => {
    const nomad = new FakeNomad();
    const keep = (pools: string[], nodes: NomadNode[]) => keepJobs(nomad.client, pools, nodes, () => undefined);
    await keep(["web"], [node("web")]);
    expect([...nomad.jobs.keys()].sort()).toEqual(["app-host-web", "compile"]);
    await keep(["web"], [node("web")]);
    await keep(["web"], []);
    expect(nomad.writes).toBe(2);
    const before = nomad.jobs.get("app-host-web")?.Meta[specHashKey];
    await keep(["web"], [node("web", 8_192)]);
    expect(nomad.jobs.get("app-host-web")?.Meta[specHashKey]).not.toBe(before);
    await keep([], []);
    expect([...nomad.jobs.keys()]).toEqual(["compile"]);
  });
});
