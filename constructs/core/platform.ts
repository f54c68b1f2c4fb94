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
  /** Declares an app on this platform. Two apps of one name or with one route are refused, naming both. */
  addApp(id: string, app: AppDeclaration): void;
  /** Machines of a pool may do what the statement says, besides what the platform itself grants them. */
  grantPrincipal(pool: string): PlatformPrincipal;
}

export type PlatformKind = "aws-nomad";

export interface Ingress {
  readonly hostname: string;
  /** Zone for alias records of AWS load balancers. */
  readonly aliasZoneId?: string;
  /** Path and port that answer 200 while the ingress works. */
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
