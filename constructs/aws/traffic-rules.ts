import { ports } from "../bootstrap/layout.ts";

/** Groups of machines that traffic flows between; `ingress` is the load balancer. */
export type TrafficGroup = "servers" | "clients" | "ingress";

/** One port that one group may open on another. */
export interface TrafficRule {
  readonly from: TrafficGroup;
  readonly to: TrafficGroup;
  readonly name: string;
  readonly port: number;
  readonly protocols: readonly ("tcp" | "udp")[];
  readonly why: string;
}

const tcp = ["tcp"] as const;
const both = ["tcp", "udp"] as const;

/**
 * All traffic between machines, once: each line becomes a rule into `to` and one out of `from`. APIs of Consul and
 * Nomad are not among them: programs ask the agent on their own machine.
 */
export const trafficRules: readonly TrafficRule[] = [
  { from: "servers", to: "servers", name: "nomad-rpc", port: ports.nomadRpc, protocols: tcp, why: "Nomad servers agree" },
  { from: "servers", to: "servers", name: "nomad-serf", port: ports.nomadSerf, protocols: both, why: "Nomad servers gossip" },
  { from: "servers", to: "servers", name: "consul-server", port: ports.consulServer, protocols: tcp, why: "Consul servers agree" },
  { from: "servers", to: "servers", name: "consul-serf", port: ports.consulSerfLan, protocols: both, why: "Consul members gossip" },
  { from: "clients", to: "servers", name: "nomad-rpc", port: ports.nomadRpc, protocols: tcp, why: "Nomad clients take work" },
  { from: "clients", to: "servers", name: "consul-server", port: ports.consulServer, protocols: tcp, why: "Consul clients ask servers" },
  { from: "clients", to: "servers", name: "consul-serf", port: ports.consulSerfLan, protocols: both, why: "Consul members gossip" },
  { from: "servers", to: "clients", name: "consul-serf", port: ports.consulSerfLan, protocols: both, why: "Consul members gossip" },
  { from: "clients", to: "clients", name: "consul-serf", port: ports.consulSerfLan, protocols: both, why: "Consul members gossip" },
  { from: "clients", to: "clients", name: "app-host", port: ports.appHost, protocols: tcp, why: "Traefik passes requests on" },
  { from: "clients", to: "clients", name: "app-host-admin", port: ports.appHostAdmin, protocols: tcp, why: "Ingress probes app hosts" },
  { from: "ingress", to: "clients", name: "ingress-http", port: ports.ingressHttp, protocols: tcp, why: "Load balancer passes on" },
  { from: "ingress", to: "clients", name: "ingress-ping", port: ports.ingressPing, protocols: tcp, why: "Load balancer checks Traefik" },
];
