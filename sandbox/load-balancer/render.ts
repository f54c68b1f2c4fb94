import { createHash } from "node:crypto";
import type { HealthCheck, Listener, LoadBalancer, TargetGroup } from "./model.ts";

export interface RenderedConfiguration {
  readonly text: string;
  /** What was declared and is not done here, one line each. */
  readonly problems: readonly string[];
}

/** HAProxy's command socket, inside the machine. */
export const adminSocket = "/run/haproxy/admin.sock";
export const stateFile = "/run/haproxy/server-states";

const settings = `# Written by the sandbox from the emulator's load balancers. Do not edit.
global
  log stdout format raw daemon notice
  stats socket ${adminSocket} mode 600 level admin
  server-state-file ${stateFile}
  user haproxy
  group haproxy
  # All checks at once would make their own peak.
  spread-checks 10

defaults
  mode tcp
  load-server-state-from-file global
  # A network load balancer hands a connection to one target and does not try another.
  balance random
  retries 0
  timeout connect 10s
  # Idle time of a TCP flow, AWS's default.
  timeout client 350s
  timeout server 350s
`;

/** HAProxy's configuration for load balancers; the one at index i answers at `addresses[i]`. */
export function renderHaproxy(balancers: readonly LoadBalancer[], addresses: readonly string[]): RenderedConfiguration {
  const problems: string[] = [];
  const groups = new Map<string, TargetGroup>();
  const frontends: string[] = [];
  balancers.forEach((balancer, index) => {
    const address = addresses[index];
    if (address === undefined) {
      problems.push(
        `load balancer ${balancer.name}: not served, got number ${index + 1}; expected at most ${addresses.length} in the sandbox`,
      );
      return;
    }
    for (const listener of balancer.listeners) {
      if (listener.protocol !== "TCP") {
        problems.push(
          `load balancer ${balancer.name}, port ${listener.port}: not served, got protocol ${listener.protocol}; expected TCP in the sandbox`,
        );
        continue;
      }
      groups.set(listener.targetGroup.arn, listener.targetGroup);
      frontends.push(frontend(balancer, listener, address));
    }
  });
  const backends = [...groups.values()].sort((one, other) => one.arn.localeCompare(other.arn)).map(backend);
  return { text: [settings, ...frontends, ...backends].join("\n"), problems };
}

/** Name of a target group's section; its ARN is too long and has characters that HAProxy does not take. */
export function sectionName(group: Pick<TargetGroup, "arn" | "name">): string {
  return `${group.name}-${createHash("sha256").update(group.arn).digest("hex").slice(0, 8)}`;
}

function frontend(balancer: LoadBalancer, listener: Listener, address: string): string {
  return [
    `frontend ${balancer.name}-${listener.port}`,
    `  bind ${address}:${listener.port}`,
    `  default_backend ${sectionName(listener.targetGroup)}`,
    "",
  ].join("\n");
}

function backend(group: TargetGroup): string {
  const check = group.healthCheck;
  return [
    `backend ${sectionName(group)}`,
    `  timeout check ${check.timeoutSeconds}s`,
    ...checkLines(check),
    ...group.targets.map(({ id, address, port }) => {
      const options = [
        "check",
        ...(check.port === undefined ? [] : [`port ${check.port}`]),
        ...(check.protocol === "HTTPS" ? ["check-ssl", "verify none"] : []),
        `inter ${check.intervalSeconds}s`,
        // AWS looks often at a new target, and takes it when it has passed its checks.
        `fastinter ${Math.min(check.intervalSeconds, 2)}s`,
        `rise ${check.healthyThreshold}`,
        `fall ${check.unhealthyThreshold}`,
      ];
      return `  server ${id}:${port} ${address}:${port} ${options.join(" ")}`;
    }),
    "",
  ].join("\n");
}

function checkLines(check: HealthCheck): string[] {
  if (check.protocol === "TCP") return ["  option tcp-check"];
  return [
    "  option httpchk",
    `  http-check send meth GET uri ${check.path} ver HTTP/1.1 hdr Host health-check hdr User-Agent ELB-HealthChecker/2.0 hdr Connection close`,
    `  http-check expect status ${check.statuses}`,
  ];
}
