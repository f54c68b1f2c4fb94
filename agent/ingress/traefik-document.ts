import { ports } from "../../constructs/bootstrap/layout.ts";

export interface IngressPool {
  readonly name: string;
  /** Every route of the pool's apps lies below it. */
  readonly domain: string;
  /** Addresses of its app hosts. */
  readonly addresses: readonly string[];
}

/** The part of Traefik's dynamic configuration that we use: https://doc.traefik.io/traefik/reference/dynamic-configuration/file/ */
export interface TraefikDocument {
  readonly http?: {
    readonly routers: Readonly<
      Record<
        string,
        {
          readonly entryPoints: readonly string[];
          readonly rule: string;
          readonly priority: number;
          readonly middlewares: readonly string[];
          readonly service: string;
        }
      >
    >;
    readonly services: Readonly<
      Record<
        string,
        {
          readonly loadBalancer: {
            readonly servers: readonly { readonly url: string }[];
            readonly passHostHeader: true;
            readonly serversTransport: string;
          };
        }
      >
    >;
    readonly middlewares: Readonly<Record<string, { readonly retry: { readonly attempts: number; readonly initialInterval: string } }>>;
    readonly serversTransports: Readonly<
      Record<string, { readonly forwardingTimeouts: { readonly dialTimeout: string; readonly idleConnTimeout: string } }>
    >;
  };
}

const retry = "another-node";
const transport = "app-hosts";

/**
 * Traefik's whole dynamic document: one router per pool, by the names below its domain. Which app a name belongs to
 * is the app hosts' matter, so the document does not grow with the apps. Pure; the same input gives the same text.
 */
export function traefikDocument(pools: readonly IngressPool[]): TraefikDocument {
  // Traefik takes empty maps for mistakes.
  if (pools.length === 0) return {};
  const sorted = [...pools].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    http: {
      routers: Object.fromEntries(
        sorted.map(({ name, domain }) => [
          name,
          {
            entryPoints: ["web"],
            rule: `HostRegexp(\`${hostPattern(domain)}\`)`,
            // The longer domain is the one below another.
            priority: domain.length,
            middlewares: [retry],
            service: name,
          },
        ]),
      ),
      services: Object.fromEntries(
        sorted.map(({ name, addresses }) => [
          name,
          {
            loadBalancer: {
              servers: [...new Set(addresses)].sort().map((address) => ({ url: `http://${address}:${ports.appHost}` })),
              // App hosts find the app by the host name.
              passHostHeader: true,
              serversTransport: transport,
            },
          },
        ]),
      ),
      // Only where no byte was answered; another node has the same apps.
      middlewares: { [retry]: { retry: { attempts: 3, initialInterval: "50ms" } } },
      // A dead machine costs a try 300 ms; idle connections end before an app host closes them.
      serversTransports: { [transport]: { forwardingTimeouts: { dialTimeout: "300ms", idleConnTimeout: "15s" } } },
    },
  };
}

/** Anchored regular expression (Go) for every name below a domain, not the domain itself. */
export function hostPattern(domain: string): string {
  return `^([a-z0-9-]+\\.)+${domain.replaceAll(".", "\\.")}$`;
}
