import { request } from "node:http";
import { publishedPorts } from "../../sandbox/addresses.ts";
import { type Context, stateClients } from "../context.ts";
import { UserError } from "../errors.ts";
import type { Stack } from "../terraform/stacks.ts";
import { readState } from "../terraform/state-file.ts";
import { waitFor } from "../wait.ts";

/** Where the load balancer of a region is reached from this machine. */
export interface IngressAddress {
  readonly host: string;
  readonly port: number;
}

/** The sandbox publishes its load balancer on the loopback address; elsewhere the platform's state names it. */
export async function ingressOf(context: Context, platform: Stack): Promise<IngressAddress> {
  if (context.sandbox !== undefined) return { host: "127.0.0.1", port: publishedPorts().http };
  const state = await readState(stateClients(context).s3, platform.backend);
  const name = state.find(({ type }) => type === "aws_lb")?.attributes.dns_name;
  if (typeof name !== "string") {
    throw new UserError(
      `${platform.name}: has no load balancer in its state; expected one`,
      "Set `ingress: true` on a pool, and run this command again",
    );
  }
  return { host: name, port: 80 };
}

export interface Answer {
  readonly status: number;
  readonly release: string | undefined;
  readonly body: string;
}

/** One request for a host name, through the load balancer. */
export function ask({ host, port }: IngressAddress, route: string, timeoutMs = 5_000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host, port, path: "/", headers: { host: route, connection: "close" }, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const release = response.headers["x-app-release"];
        resolve({
          status: response.statusCode ?? 0,
          release: typeof release === "string" ? release : undefined,
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    call.on("error", reject);
    call.end();
  });
}

/** Waits until the app itself answers at its route: the host sends the release with each answer. */
export function waitForAnswer(
  address: IngressAddress,
  route: string,
  component: string,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return waitFor({
    what: `answer of ${route} at ${address.host}:${address.port}`,
    deadlineMs: 120_000,
    onStill: say,
    signal,
    todo: "See `fleet status`; on the machine of an ingress pool `journalctl -u traefik -u edge-fleet-agent` says why (`fleet sandbox shell <machine>`)",
    look: async () => {
      const answer = await ask(address, route);
      if (answer.release === component) return { value: answer };
      return { still: `${answer.status} ${answer.release === undefined ? "from no app" : `from release ${answer.release.slice(0, 12)}`}` };
    },
  });
}
