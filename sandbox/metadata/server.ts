import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type MetadataSource, metadataAnswer } from "./document.ts";
import type { TokenIssuer } from "./token.ts";

const longestToken = 21_600;

export interface MetadataServerProps {
  readonly tokens: TokenIssuer;
  /** The instance that has this address; undefined if none has. */
  readonly sourceOf: (address: string) => Promise<MetadataSource | undefined>;
  readonly now?: () => number;
}

/**
 * Instance metadata service, version 2 only: a token first, bound to the machine that asked for it. Who is asking is
 * known by the source address, as the machines share one link with this service.
 */
export function createMetadataServer(props: MetadataServerProps): Server {
  return createServer((request, response) => {
    answer(props, request)
      .catch((error: unknown): Answer => ({ status: 500, text: error instanceof Error ? error.message : String(error) }))
      .then((result) => send(response, result));
  });
}

interface Answer {
  readonly status: number;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(props: MetadataServerProps, request: IncomingMessage): Promise<Answer> {
  const now = (props.now ?? Date.now)();
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  if (request.method === "PUT") return issueToken(props.tokens, request, path, address, now);
  if (request.method !== "GET" && request.method !== "HEAD") return { status: 405 };
  const token = header(request, "x-aws-ec2-metadata-token");
  if (token === undefined || !props.tokens.isValid(token, address, now)) return { status: 401 };
  if (path === "/") return { status: 200, text: "latest" };
  const below = /^\/(?:latest|\d{4}-\d{2}-\d{2})(?:\/(.*))?$/.exec(path);
  if (below === null) return { status: 404 };
  const source = await props.sourceOf(address);
  if (source === undefined) return { status: 404 };
  const text = await metadataAnswer(source, below[1] ?? "");
  return text === undefined ? { status: 404 } : { status: 200, text };
}

function issueToken(tokens: TokenIssuer, request: IncomingMessage, path: string, address: string, now: number): Answer {
  if (!/^\/(latest|\d{4}-\d{2}-\d{2})\/api\/token$/.test(path)) return { status: 405 };
  // A proxy that can be talked into forwarding is the way such services are robbed.
  if (header(request, "x-forwarded-for") !== undefined) return { status: 403 };
  const seconds = Number(header(request, "x-aws-ec2-metadata-token-ttl-seconds"));
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestToken) return { status: 400 };
  return {
    status: 200,
    text: tokens.issue(address, seconds, now),
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": `${seconds}` },
  };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function send(response: ServerResponse, { status, text, headers }: Answer): void {
  const body = Buffer.from(text ?? "");
  response.writeHead(status, { "content-type": "text/plain", "content-length": body.length, server: "EC2ws", ...headers });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
