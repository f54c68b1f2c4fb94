import { paths, ports } from "../layout.ts";

/** Static settings; routes and addresses are in the agent's document. */
export function traefikSettings(): object {
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "INFO", format: "json" },
    entryPoints: {
      // No header of a client is believed: the load balancer passes connections on, with the clients' addresses.
      web: {
        address: `:${ports.ingressHttp}`,
        transport: {
          // /ping answers 503 for that long before the port closes, so that the load balancer notices first.
          lifeCycle: { requestAcceptGraceTimeout: "10s", graceTimeOut: "10s" },
        },
      },
      ping: { address: `:${ports.ingressPing}` },
    },
    ping: { entryPoint: "ping" },
    // A dead machine costs a request 300 ms instead of 30 s; the agent takes it out of the document soon after.
    serversTransport: { forwardingTimeouts: { dialTimeout: "300ms" } },
    providers: { providersThrottleDuration: "250ms", file: { filename: paths.traefikDynamic, watch: true } },
  };
}
