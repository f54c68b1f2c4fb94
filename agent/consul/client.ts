import { z } from "zod";
import { ApiError, type LocalApi } from "../http/local-api.ts";
import { parseAnswer } from "../http/parse.ts";
import { type AutopilotServer, autopilotHealth } from "../http/server-health.ts";

export interface ConsulPolicy {
  readonly name: string;
  readonly description: string;
  /** Consul's rule language. */
  readonly rules: string;
}

export interface ConsulToken {
  /** Fixed by the caller, so that the same token can be made again in an empty cluster. */
  readonly accessorId: string;
  readonly secretId: string;
  readonly description: string;
  readonly policies: readonly string[];
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** Session that holds the key as a lock. */
  readonly session: string | undefined;
}

/** The calls of Consul's HTTP API that the agent makes. */
export interface ConsulClient {
  /** Address of the servers' leader; undefined while there is none. */
  leader(): Promise<string | undefined>;
  bootstrapAcl(secret: string): Promise<"done" | "already done">;
  /** Whether the token this client carries is known. */
  tokenWorks(): Promise<boolean>;
  putPolicy(policy: ConsulPolicy): Promise<void>;
  putToken(token: ConsulToken): Promise<void>;
  serverHealth(): Promise<readonly AutopilotServer[]>;
  self(): Promise<{ readonly name: string; readonly address: string }>;
  createSession(session: { readonly name: string; readonly ttlSeconds: number }): Promise<string>;
  /** False: the session is gone. */
  renewSession(id: string): Promise<boolean>;
  destroySession(id: string): Promise<void>;
  /** Takes the lock `key` for the session; false when another one holds it. */
  acquire(key: string, session: string, value: string): Promise<boolean>;
  /** The key, and an index for the next call, which then waits up to `waitSeconds` for a change. */
  watch(key: string, wait: { readonly index: string; readonly waitSeconds: number; readonly signal: AbortSignal }): Promise<Watched>;
  list(prefix: string): Promise<readonly KeyValue[]>;
  put(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface Watched {
  readonly index: string;
  readonly entry: KeyValue | undefined;
}

const keyEntries = z.array(z.object({ Key: z.string(), Value: z.string().nullable(), Session: z.string().optional() }));
const policyAnswer = z.object({ ID: z.string(), Description: z.string(), Rules: z.string() });

export function consulClient(api: LocalApi): ConsulClient {
  return {
    async leader() {
      const response = await api.send({ path: "/v1/status/leader", accept: [500] });
      const leader = response.status === 200 ? parseAnswer(z.string(), response, "consul status/leader") : "";
      return leader === "" ? undefined : leader;
    },
    async bootstrapAcl(secret) {
      const response = await api.send({
        method: "PUT",
        path: "/v1/acl/bootstrap",
        body: { BootstrapSecret: secret },
        accept: [403],
      });
      if (response.status !== 403) return "done";
      if (response.body.includes("ACL bootstrap no longer allowed")) return "already done";
      throw new ApiError("consul", { method: "PUT", path: "/v1/acl/bootstrap" }, response.status, response.body);
    },
    async tokenWorks() {
      const response = await api.send({ path: "/v1/acl/token/self", accept: [403, 404] });
      return response.status === 200;
    },
    async putPolicy(policy) {
      const body = { Name: policy.name, Description: policy.description, Rules: policy.rules };
      const path = `/v1/acl/policy/name/${policy.name}`;
      const existing = await api.send({ path, accept: [404] });
      if (existing.status === 404) {
        await api.send({ method: "PUT", path: "/v1/acl/policy", body });
        return;
      }
      const known = parseAnswer(policyAnswer, existing, `consul GET ${path}`);
      if (known.Rules === policy.rules && known.Description === policy.description) return;
      await api.send({ method: "PUT", path: `/v1/acl/policy/${known.ID}`, body: { ...body, ID: known.ID } });
    },
    async putToken(token) {
      const body = {
        AccessorID: token.accessorId,
        SecretID: token.secretId,
        Description: token.description,
        Policies: token.policies.map((name) => ({ Name: name })),
      };
      const path = `/v1/acl/token/${token.accessorId}`;
      const existing = await api.send({ path, accept: [403, 404] });
      // 403 "ACL not found" is Consul's answer for a token that does not exist.
      if (existing.status === 403 && !existing.body.includes("not found")) throw new ApiError("consul", { path }, 403, existing.body);
      await api.send(existing.status === 200 ? { method: "PUT", path, body } : { method: "PUT", path: "/v1/acl/token", body });
    },
    async serverHealth() {
      const response = await api.send({ path: "/v1/operator/autopilot/health", accept: [429] });
      return parseAnswer(autopilotHealth, response, "consul autopilot/health").Servers;
    },
    async self() {
      const response = await api.send({ path: "/v1/agent/self" });
      const schema = z.object({ Member: z.object({ Name: z.string(), Addr: z.string() }) });
      const { Member } = parseAnswer(schema, response, "consul agent/self");
      return { name: Member.Name, address: Member.Addr };
    },
    async createSession({ name, ttlSeconds }) {
      const response = await api.send({
        method: "PUT",
        path: "/v1/session/create",
        // The lock itself guards nothing that cannot bear two writers for a moment, so no delay after a lost holder.
        body: { Name: name, TTL: `${ttlSeconds}s`, Behavior: "release", LockDelay: "0s" },
      });
      return parseAnswer(z.object({ ID: z.string() }), response, "consul session/create").ID;
    },
    async renewSession(id) {
      const response = await api.send({ method: "PUT", path: `/v1/session/renew/${id}`, accept: [404], timeoutMs: 3_000 });
      return response.status === 200;
    },
    async destroySession(id) {
      await api.send({ method: "PUT", path: `/v1/session/destroy/${id}`, timeoutMs: 2_000 });
    },
    async acquire(key, session, value) {
      const response = await api.send({ method: "PUT", path: `/v1/kv/${key}`, query: { acquire: session }, body: value });
      return response.body.trim() === "true";
    },
    async watch(key, { index, waitSeconds, signal }) {
      const response = await api.send({
        path: `/v1/kv/${key}`,
        query: { index, wait: `${waitSeconds}s` },
        accept: [404],
        // Consul adds up to a sixteenth of the wait as jitter.
        timeoutMs: waitSeconds * 1_100 + 5_000,
        signal,
      });
      const header = response.headers["x-consul-index"];
      const next = typeof header === "string" ? header : "0";
      return { index: next, entry: response.status === 404 ? undefined : entriesOf(response, key)[0] };
    },
    async list(prefix) {
      const response = await api.send({ path: `/v1/kv/${prefix}`, query: { recurse: "true" }, accept: [404] });
      return response.status === 404 ? [] : entriesOf(response, prefix);
    },
    async put(key, value) {
      await api.send({ method: "PUT", path: `/v1/kv/${key}`, body: value });
    },
    async remove(key) {
      await api.send({ method: "DELETE", path: `/v1/kv/${key}` });
    },
  };
}

function entriesOf(response: Parameters<typeof parseAnswer>[1], key: string): KeyValue[] {
  return parseAnswer(keyEntries, response, `consul kv/${key}`).map(({ Key, Value, Session }) => ({
    key: Key,
    value: Value === null ? "" : Buffer.from(Value, "base64").toString("utf8"),
    session: Session,
  }));
}
