import type { IConstruct } from "constructs";
import type { AppDeclaration } from "./app.ts";

/**
 * What DNS, data and apps need from a place that runs Wasm, and nothing else. A region of an environment has one
 * platform; a platform runs servers (Nomad and Consul in server mode) and node pools (clients), behind one ingress.
 */
export interface IPlatform extends IConstruct {
  readonly kind: PlatformKind;
  readonly ingress: Ingress;
  /** Strings only: whatever another stack needs to adopt this platform. */
  readonly attributes: PlatformAttributes;
  /**
   * Declares an app on this platform. Two apps of one name or with one route are refused, naming both callers; so is
   * an app on a pool that the platform has not, or that runs no apps, and a route outside its pool's domain.
   */
  addApp(id: string, app: AppDeclaration): void;
  /** Identity of a pool's machines, for policies of resources that the platform does not know. */
  grantPrincipal(pool: string): PlatformPrincipal;
}

export type PlatformKind = "aws-nomad";

export interface Ingress {
  readonly hostname: string;
  /** Zone for alias records of AWS load balancers. */
  readonly aliasZoneId?: string;
  /** Path and port that answer 200 on each ingress machine while it serves; not reachable from outside. */
  readonly healthCheck: { readonly path: string; readonly port: number };
}

/** Identity that policies may name; on AWS a role. */
export interface PlatformPrincipal {
  readonly roleName: string;
  readonly roleArn: string;
}

export interface PlatformAttributes {
  readonly environment: string;
  readonly region: string;
  readonly ingressHostname: string;
  readonly ingressZoneId: string;
  readonly artefactBucket: string;
}
