import { z } from "zod";
import { ApiError, type LocalApi } from "../http/local-api.ts";
import { parseAnswer } from "../http/parse.ts";
import { type AutopilotServer, autopilotHealth } from "../http/server-health.ts";
import type { NomadJob } from "./job.ts";

export interface NomadNode {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly pool: string;
  /** `initializing`, `ready`, `down` or `disconnected`. */
  readonly status: string;
  /** Ready, eligible and not draining. */
  readonly ready: boolean;
  /** What jobs may use of its memory, in MiB. */
  readonly memoryMb: number;
}

/** One dispatched run of a parameterised job. */
export interface DispatchedJob {
  readonly id: string;
  readonly status: "pending" | "running" | "dead";
  readonly meta: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
}

export interface Allocation {
  readonly id: string;
  /** `pending`, `running`, `complete`, `failed`, `lost` or `unknown`. */
  readonly clientStatus: string;
  /** Events of all its tasks, oldest first, as Nomad words them. */
  readonly events: readonly string[];
}

/** The calls of Nomad's HTTP API that the agent makes. */
export interface NomadClient {
  leader(): Promise<string | undefined>;
  bootstrapAcl(secret: string): Promise<"done" | "already done">;
  /** Whether a token is known and has not expired. Default: the one this client carries. */
  tokenWorks(token?: string): Promise<boolean>;
  putPolicy(policy: { readonly name: string; readonly description: string; readonly rules: string }): Promise<void>;
  /** Makes a client token and returns its secret. */
  createToken(token: { readonly name: string; readonly policies: readonly string[]; readonly ttlHours: number }): Promise<string>;
  /** JWT that lets new nodes of one pool register (Nomad >= 1.11). The servers' `max_identity_ttl` may cut its life. */
  createIntroductionToken(token: { readonly pool: string; readonly ttlHours: number }): Promise<string>;
  serverHealth(): Promise<readonly AutopilotServer[]>;
  nodes(): Promise<readonly NomadNode[]>;
  /** Makes a node pool that jobs may name before its first node registers. */
  ensureNodePool(name: string): Promise<void>;
  purgeNode(id: string): Promise<void>;
  /** Meta of a registered job that is not stopped; undefined without one. */
  jobMeta(id: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Ids of the jobs that are not stopped. */
  jobIds(prefix: string): Promise<readonly string[]>;
  registerJob(job: NomadJob): Promise<void>;
  stopJob(id: string): Promise<void>;
  dispatch(
    job: string,
    run: { readonly meta: Readonly<Record<string, string>>; readonly payload: string; readonly idempotencyToken: string },
  ): Promise<string>;
  dispatched(job: string): Promise<readonly DispatchedJob[]>;
  allocations(job: string): Promise<readonly Allocation[]>;
  /** Last `bytes` of what a task wrote to stderr; empty when the node no longer has it. */
  stderrTail(allocation: string, task: string, bytes: number): Promise<string>;
}

const nodeStubs = z.array(
  z.object({
    ID: z.string(),
    Name: z.string(),
    Address: z.string(),
    NodePool: z.string(),
    Status: z.string(),
    Drain: z.boolean(),
    SchedulingEligibility: z.string(),
    NodeResources: z.object({ Memory: z.object({ MemoryMB: z.number() }) }),
    ReservedResources: z.object({ Memory: z.object({ MemoryMB: z.number() }) }).nullish(),
  }),
);
const jobStubs = z.array(
  z.object({
    ID: z.string(),
    ParentID: z.string(),
    Status: z.enum(["pending", "running", "dead"]),
    Stop: z.boolean(),
    Meta: z.record(z.string(), z.string()).nullish(),
    /** Nanoseconds. */
    SubmitTime: z.number(),
  }),
);
const allocationStubs = z.array(
  z.object({
    ID: z.string(),
    ClientStatus: z.string(),
    CreateIndex: z.number(),
    TaskStates: z.record(z.string(), z.object({ Events: z.array(z.object({ DisplayMessage: z.string() })).nullish() })).nullish(),
  }),
);

export function nomadClient(api: LocalApi): NomadClient {
  return {
    async leader() {
      const response = await api.send({ path: "/v1/status/leader", accept: [500] });
      const leader = response.status === 200 ? parseAnswer(z.string(), response, "nomad status/leader") : "";
      return leader === "" ? undefined : leader;
    },
    async bootstrapAcl(secret) {
      const call = { method: "POST", path: "/v1/acl/bootstrap", body: { BootstrapSecret: secret }, accept: [400, 500] } as const;
      const response = await api.send(call);
      if (response.status === 200) return "done";
      // A follower wraps the leader's 400 in a 500.
      if (response.body.includes("ACL bootstrap already done")) return "already done";
      throw new ApiError("nomad", { method: call.method, path: call.path }, response.status, response.body);
    },
    async tokenWorks(token) {
      const response = await api.send({ path: "/v1/acl/token/self", accept: [400, 403, 404], ...(token === undefined ? {} : { token }) });
      return response.status === 200;
    },
    async putPolicy({ name, description, rules }) {
      const path = `/v1/acl/policy/${name}`;
      const existing = await api.send({ path, accept: [404] });
      if (existing.status === 200) {
        const known = parseAnswer(z.object({ Description: z.string(), Rules: z.string() }), existing, `nomad GET ${path}`);
        if (known.Rules === rules && known.Description === description) return;
      }
      await api.send({ method: "POST", path, body: { Name: name, Description: description, Rules: rules } });
    },
    async createToken({ name, policies, ttlHours }) {
      const response = await api.send({
        method: "POST",
        path: "/v1/acl/token",
        body: { Name: name, Type: "client", Policies: policies, ExpirationTTL: `${ttlHours}h` },
      });
      return parseAnswer(z.object({ SecretID: z.string() }), response, "nomad acl/token").SecretID;
    },
    async createIntroductionToken({ pool, ttlHours }) {
      const response = await api.send({
        method: "POST",
        path: "/v1/acl/identity/client-introduction-token",
        body: { NodePool: pool, TTL: `${ttlHours}h` },
      });
      return parseAnswer(z.object({ JWT: z.string() }), response, "nomad client-introduction-token").JWT;
    },
    async serverHealth() {
      const response = await api.send({ path: "/v1/operator/autopilot/health", accept: [429] });
      return parseAnswer(autopilotHealth, response, "nomad autopilot/health").Servers;
    },
    async nodes() {
      const response = await api.send({ path: "/v1/nodes", query: { resources: "true" } });
      return parseAnswer(nodeStubs, response, "nomad nodes").map((node) => ({
        id: node.ID,
        name: node.Name,
        address: node.Address,
        pool: node.NodePool,
        status: node.Status,
        ready: node.Status === "ready" && node.SchedulingEligibility === "eligible" && !node.Drain,
        memoryMb: node.NodeResources.Memory.MemoryMB - (node.ReservedResources?.Memory.MemoryMB ?? 0),
      }));
    },
    async ensureNodePool(name) {
      const path = `/v1/node/pool/${name}`;
      const existing = await api.send({ path, accept: [404] });
      if (existing.status === 404) await api.send({ method: "POST", path, body: { Name: name } });
    },
    async purgeNode(id) {
      await api.send({ method: "POST", path: `/v1/node/${id}/purge`, accept: [404] });
    },
    async jobMeta(id) {
      const response = await api.send({ path: `/v1/job/${encodeURIComponent(id)}`, accept: [404] });
      if (response.status === 404) return undefined;
      const schema = z.object({ Stop: z.boolean(), Meta: z.record(z.string(), z.string()).nullish() });
      const job = parseAnswer(schema, response, `nomad job ${id}`);
      return job.Stop ? undefined : (job.Meta ?? {});
    },
    async jobIds(prefix) {
      const response = await api.send({ path: "/v1/jobs", query: { prefix } });
      return parseAnswer(jobStubs, response, `nomad jobs ${prefix}`).flatMap((stub) => (stub.Stop ? [] : [stub.ID]));
    },
    async stopJob(id) {
      await api.send({ method: "DELETE", path: `/v1/job/${encodeURIComponent(id)}`, accept: [404] });
    },
    async registerJob(job) {
      await api.send({ method: "POST", path: "/v1/jobs", body: { Job: job } });
    },
    async dispatch(job, { meta, payload, idempotencyToken }) {
      const response = await api.send({
        method: "POST",
        path: `/v1/job/${encodeURIComponent(job)}/dispatch`,
        query: { idempotency_token: idempotencyToken },
        body: { Meta: meta, Payload: Buffer.from(payload, "utf8").toString("base64") },
      });
      return parseAnswer(z.object({ DispatchedJobID: z.string() }), response, `nomad dispatch ${job}`).DispatchedJobID;
    },
    async dispatched(job) {
      const response = await api.send({ path: "/v1/jobs", query: { prefix: `${job}/dispatch-`, meta: "true" } });
      return parseAnswer(jobStubs, response, `nomad jobs ${job}`)
        .filter(({ ParentID }) => ParentID === job)
        .map((stub) => ({ id: stub.ID, status: stub.Status, meta: stub.Meta ?? {}, submittedAt: stub.SubmitTime / 1e6 }));
    },
    async allocations(job) {
      const response = await api.send({ path: `/v1/job/${encodeURIComponent(job)}/allocations` });
      return parseAnswer(allocationStubs, response, `nomad allocations ${job}`)
        .sort((a, b) => a.CreateIndex - b.CreateIndex)
        .map((stub) => ({
          id: stub.ID,
          clientStatus: stub.ClientStatus,
          events: Object.values(stub.TaskStates ?? {}).flatMap(({ Events }) => (Events ?? []).map((event) => event.DisplayMessage)),
        }));
    },
    async stderrTail(allocation, task, bytes) {
      const response = await api.send({
        path: `/v1/client/fs/logs/${allocation}`,
        query: { task, type: "stderr", origin: "end", offset: String(bytes), plain: "true" },
        accept: [404, 500],
      });
      return response.status === 200 ? response.body : "";
    },
  };
}
