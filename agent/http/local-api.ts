import { readFileSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { childSignal } from "../loops/child-signal.ts";
import type { TlsFiles } from "../node-files.ts";

export interface ApiRequest {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string goes as it is. */
  readonly body?: unknown;
  /** Statuses besides 2xx that are an answer and no failure. */
  readonly accept?: readonly number[];
  /** Longest time to the end of the answer. Default 10,000: the servers' own RPC time-outs are shorter. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Instead of the API's own token. */
  readonly token?: string;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** HTTPS API of the Consul or Nomad agent on this machine, with the machine's own certificate. */
export interface LocalApi {
  send(request: ApiRequest): Promise<ApiResponse>;
  /** Opens an answer without end; the caller reads and destroys it. */
  stream(request: ApiRequest): Promise<IncomingMessage>;
}

export interface LocalApiOptions {
  readonly program: "consul" | "nomad";
  readonly port: number;
  readonly tls: TlsFiles;
  /** Asked before every call, because tokens are renewed while the agent runs. */
  readonly token: () => string | undefined;
  /** Default 127.0.0.1: each machine runs its own agents. */
  readonly address?: string;
}

/** The API answered, but not what was asked for. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: string;

  constructor(program: string, { method = "GET", path }: ApiRequest, status: number, body: string) {
    super(`${program} ${method} ${path}: got status ${status}: ${body.trim().slice(0, 300)}`);
    this.name = "ApiError";
    this.status = status;
    this.body = body;
  }
}

export function localApi(options: LocalApiOptions): LocalApi {
  const agent = renewedAgent(options.tls);

  const open = (call: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const body = call.body === undefined || typeof call.body === "string" ? call.body : JSON.stringify(call.body);
      const token = call.token ?? options.token();
      const outgoing = request(
        {
          host: options.address ?? "127.0.0.1",
          port: options.port,
          method: call.method ?? "GET",
          path: `${call.path}${call.query === undefined ? "" : `?${new URLSearchParams(call.query)}`}`,
          agent: agent(),
          signal,
          headers: {
            ...(token === undefined ? {} : { [`x-${options.program}-token`]: token }),
            ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
          },
        },
        resolve,
      );
      outgoing.on("error", (error) => reject(signal.aborted && signal.reason instanceof Error ? signal.reason : error));
      outgoing.end(body);
    });

  const fail = (call: ApiRequest, cause: unknown): never => {
    if (cause instanceof ApiError) throw cause;
    throw new Error(`${options.program} ${call.method ?? "GET"} ${call.path}: no answer`, { cause });
  };

  return {
    async send(call) {
      const child = childSignal(call.signal, call.timeoutMs ?? 10_000);
      try {
        const response = await open(call, child.signal);
        const body = await readAll(response);
        const status = response.statusCode ?? 0;
        if ((status < 200 || status > 299) && !call.accept?.includes(status)) throw new ApiError(options.program, call, status, body);
        return { status, headers: response.headers, body };
      } catch (error) {
        return fail(call, error);
      } finally {
        child.release();
      }
    },
    async stream(call) {
      const child = childSignal(call.signal);
      try {
        const response = await open(call, child.signal);
        response.once("close", () => child.release());
        if (response.statusCode !== 200) throw new ApiError(options.program, call, response.statusCode ?? 0, await readAll(response));
        return response;
      } catch (error) {
        child.release();
        return fail(call, error);
      }
    },
  };
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Connections kept alive, with the files as they are now: a renewed certificate gets a new agent. */
function renewedAgent(files: TlsFiles): () => Agent {
  let current: { readonly agent: Agent; readonly version: string } | undefined;
  return () => {
    const version = [files.ca, files.certificate, files.key].map((file) => statSync(file).mtimeMs).join(" ");
    if (current?.version === version) return current.agent;
    current?.agent.destroy();
    const agent = new Agent({
      keepAlive: true,
      maxSockets: 16,
      ca: readFileSync(files.ca),
      cert: readFileSync(files.certificate),
      key: readFileSync(files.key),
    });
    current = { agent, version };
    return agent;
  };
}
