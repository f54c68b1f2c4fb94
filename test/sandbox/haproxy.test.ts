import { describe, expect, test } from "vitest";
import { targetHealth } from "../../sandbox/load-balancer/health.ts";
import type { HealthCheck, LoadBalancer } from "../../sandbox/load-balancer/model.ts";
import { renderHaproxy, sectionName } from "../../sandbox/load-balancer/render.ts";

const check: HealthCheck = {
  protocol: "HTTP",
  port: 8001,
  path: "/ping",
  statuses: "200-399",
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
};
const arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/0123456789abcdef";
const balancer = (over: Partial<LoadBalancer> = {}, healthCheck = check, protocol = "TCP"): LoadBalancer => ({
  name: "ingress",
  dnsName: "ingress.elb.amazonaws.com",
  listeners: [
    {
      port: 80,
      protocol,
      targetGroup: { arn, name: "web", targets: [{ id: "i-1", address: "10.30.0.4", port: 8000 }], healthCheck },
    },
  ],
  ...over,
});
const sections = (text: string) =>
  text
    .split(/\n(?=frontend|backend)/)
    .slice(1)
    .map((section) =>
      section
        .trim()
        .split("\n")
        .map((line) => line.trim()),
    );

describe("renderHaproxy", () => {
  test("a listener becomes a frontend at the load balancer's address, its target group a backend with the declared check", () => {
    const { text, problems } = renderHaproxy([balancer()], ["10.255.255.2"]);
    expect(problems).toEqual([]);
    const name = sectionName({ arn, name: "web" });
    expect(sections(text)).toEqual([
      ["frontend ingress-80", "bind 10.255.255.2:80", `default_backend ${name}`],
      [
        `backend ${name}`,
        "timeout check 5s",
        "option httpchk",
        "http-check send meth GET uri /ping ver HTTP/1.1 hdr Host health-check hdr User-Agent ELB-HealthChecker/2.0 hdr Connection close",
        "http-check expect status 200-399",
        "server i-1:8000 10.30.0.4:8000 check port 8001 inter 10s fastinter 2s rise 2 fall 3",
      ],
    ]);
  });

  test("a TCP check has no request, an HTTPS check speaks TLS without knowing the certificate, as AWS does", () => {
    const { port: _, ...onTraffic } = check;
    const tcp = renderHaproxy([balancer({}, { ...onTraffic, protocol: "TCP" })], ["10.255.255.2"]).text;
    expect(tcp).toContain("option tcp-check");
    expect(tcp).not.toContain("http-check");
    expect(tcp).toContain("10.30.0.4:8000 check inter");
    expect(renderHaproxy([balancer({}, { ...check, protocol: "HTTPS" })], ["10.255.255.2"]).text).toContain("check-ssl verify none");
  });

  test("two load balancers may have one port and share one target group", () => {
    const { text } = renderHaproxy([balancer(), balancer({ name: "second" })], ["10.255.255.2", "10.255.255.3"]);
    expect(text).toContain("bind 10.255.255.2:80");
    expect(text).toContain("bind 10.255.255.3:80");
    expect(text.match(/^backend /gm)).toHaveLength(1);
  });

  test("what it cannot do is said, not dropped", () => {
    const { text, problems } = renderHaproxy([balancer({}, check, "TLS"), balancer({ name: "second" })], ["10.255.255.2"]);
    expect(text).not.toContain("frontend");
    expect(problems).toEqual([
      "load balancer ingress, port 80: not served, got protocol TLS; expected TCP in the sandbox",
      "load balancer second: not served, got number 2; expected at most 1 in the sandbox",
    ]);
  });

  test("target groups of one name get different sections", () => {
    expect(sectionName({ arn, name: "web" })).not.toBe(sectionName({ arn: `${arn}0`, name: "web" }));
  });
});

describe("targetHealth", () => {
  const name = sectionName({ arn, name: "web" });
  const state = (status: string, checkStatus: string) =>
    targetHealth(`# pxname,svname,status,check_status,check_code\n${name},i-1:8000,${status},${checkStatus},200\n`, [balancer()])[0]?.state;

  test("HAProxy's words become AWS's: a server that was not looked at yet is not healthy", () => {
    expect(state("UP", "L7OK")).toBe("healthy");
    expect(state("UP 1/3", "L7STS")).toBe("healthy");
    expect(state("DOWN", "L4CON")).toBe("unhealthy");
    expect(state("DOWN 1/2", "L7OK")).toBe("unhealthy");
    expect(state("UP", "INI")).toBe("initial");
    expect(state("UP", "")).toBe("initial");
  });

  test("a target that HAProxy does not know yet is initial", () => {
    expect(targetHealth("# pxname,svname,status,check_status\n", [balancer()])).toEqual([
      { targetGroup: arn, target: "i-1", port: 8000, state: "initial", description: "not configured yet" },
    ]);
  });
});
