/** A network load balancer as the emulator was told it. */
export interface LoadBalancer {
  readonly name: string;
  readonly dnsName: string;
  readonly listeners: readonly Listener[];
}

export interface Listener {
  readonly port: number;
  /** As in the API: TCP, TLS, UDP, TCP_UDP. */
  readonly protocol: string;
  readonly targetGroup: TargetGroup;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly targets: readonly Target[];
  readonly healthCheck: HealthCheck;
}

export interface Target {
  /** Instance id or address, as it was registered. */
  readonly id: string;
  readonly address: string;
  readonly port: number;
}

export interface HealthCheck {
  readonly protocol: "TCP" | "HTTP" | "HTTPS";
  /** Default: the target's port. */
  readonly port?: number;
  readonly path: string;
  /** Healthy answers: `200`, `200-399`, `200,204`. */
  readonly statuses: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/** Health of a target, in AWS's words. */
export type TargetState = "initial" | "healthy" | "unhealthy";

export interface TargetHealth {
  readonly targetGroup: string;
  readonly target: string;
  readonly port: number;
  readonly state: TargetState;
  /** What the last check saw. */
  readonly description: string;
}
