/**
 * The documents that declare and release apps. Terraform, the release command, the agents and the app host
 * exchange nothing but these; this file and `artefacts.ts` are all that they share.
 */

/** One app as Terraform declares it: object `apps/<name>/app.json`. A release never changes it. */
export interface AppDeclaration {
  /** `[a-z][a-z0-9-]{0,39}`, no trailing hyphen; unique in an environment. */
  readonly name: string;
  /** The node pool whose app hosts serve it. */
  readonly pool: string;
  /** Host names it answers, lower case, without port. Each belongs to one app only. */
  readonly routes: readonly string[];
  /** Most memory of one instance (= one request), in MiB. */
  readonly memoryMb: number;
  /** Longest time for one request, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Most requests at a time on one node; more are answered 503. */
  readonly concurrency: number;
  /** Where it may connect: `host` (port 443) or `host:port`, exact. Empty: nowhere. */
  readonly outboundHosts: readonly string[];
  /** Environment variables of the app; no secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a team says is live: object `apps/<name>/release.json`. Terraform never reads it. */
export interface ReleaseDocument {
  readonly current: Release;
  /** Earlier releases, newest first, at most `releaseHistoryLength`. */
  readonly history: readonly Release[];
}

export interface Release {
  /** sha256 of the component, 64 hex digits. */
  readonly component: string;
  /** ISO 8601, UTC. */
  readonly releasedAt: string;
  /** Who released it, as the identity service names the caller. */
  readonly releasedBy: string;
}

export const releaseHistoryLength = 50;

/** What every node of the region follows: object `apps/index.json`, written by the leader's agent only. */
export interface AppIndex {
  /** Engine that the compiled components belong to, e.g. `wasmtime-48.0.8`. */
  readonly engine: string;
  readonly apps: Readonly<Record<string, AppIndexEntry>>;
}

export interface AppIndexEntry {
  readonly pool: string;
  /** ETag of `app.json`. */
  readonly declaration: string;
  /** sha256 of the released component; absent while the app was never released. */
  readonly component?: string;
  /**
   * Component that the nodes serve: the released one once it is compiled, before that the one served so far.
   * Absent until the first one is compiled.
   */
  readonly serving?: { readonly component: string; readonly compiledEtag: string };
  /** Why the released component is not served yet, in words for the team. */
  readonly problem?: string;
}

/** What the app host is told of one app: file `apps/<name>.json` in its folder. */
export interface AppManifest {
  readonly name: string;
  /** File name below `compiled/`. */
  readonly compiled: string;
  /** sha256 of the component it was compiled from; sent as `x-app-release` with each answer. */
  readonly component: string;
  readonly memory_mb: number;
  readonly timeout_ms: number;
  readonly concurrency: number;
  /** `host:port`, lower case. */
  readonly outbound: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Health of a region: object `status.json`, written by the leader's agent when something changed and at least every 15 s. */
export interface StatusDocument {
  /** ISO 8601, UTC. */
  readonly writtenAt: string;
  readonly leader: string;
  readonly servers: {
    readonly expected: number;
    readonly nomad: readonly ServerHealth[];
    readonly consul: readonly ServerHealth[];
  };
  readonly pools: Readonly<Record<string, PoolStatus>>;
  readonly apps: Readonly<Record<string, AppStatus>>;
}

export interface ServerHealth {
  readonly name: string;
  readonly address: string;
  readonly voter: boolean;
  readonly leader: boolean;
  readonly healthy: boolean;
}

export interface PoolStatus {
  readonly nodes: readonly NodeStatus[];
}

export interface NodeStatus {
  /** Instance id or host name: the agents' node name. */
  readonly name: string;
  readonly address: string;
  /** Nomad says ready and eligible. */
  readonly ready: boolean;
  /** ETag of the index this node has applied; absent while it has none. */
  readonly index?: string;
  /** The app host on it answers its health check. */
  readonly appHost: boolean;
}

export interface AppStatus {
  readonly pool: string;
  readonly routes: readonly string[];
  readonly component?: string;
  /** Nodes that serve `component`, of all nodes in its pool. */
  readonly nodes: { readonly serving: number; readonly of: number };
  readonly problem?: string;
}
