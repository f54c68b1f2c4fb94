import { describe, expect, test } from "vitest";
import type { Block, SynthesisedStack } from "../support/synth.ts";
import { environmentNamed, resourcesOf, stackOf, synthesiseEnvironment } from "../support/synth.ts";

/** Every rule as `<in|out> <group> <other end> <protocol>/<port>`. */
function rulesOf(stack: SynthesisedStack): string[] {
  const group = (reference: unknown): string =>
    /security-groups_(servers|clients|ingress)_|(endpoints)_security-group/
      .exec(String(reference))
      ?.slice(1)
      .find((name) => name !== undefined) ?? String(reference);
  const line = (direction: string) => (rule: Block) => {
    const other = rule.referenced_security_group_id === undefined ? (rule.cidr_ipv4 ?? "s3") : group(rule.referenced_security_group_id);
    const port = rule.from_port === rule.to_port ? rule.from_port : `${rule.from_port}-${rule.to_port}`;
    return `${direction} ${group(rule.security_group_id)} ${other} ${rule.ip_protocol}/${port}`;
  };
  return [
    ...Object.values(resourcesOf(stack, "aws_vpc_security_group_ingress_rule")).map(line("in")),
    ...Object.values(resourcesOf(stack, "aws_vpc_security_group_egress_rule")).map(line("out")),
  ].sort();
}

/** What machines say to each other, in words of this test and not of the constructs. */
const between = [
  ["servers", "servers", ["tcp/4647", "tcp/4648", "udp/4648", "tcp/8300", "tcp/8301", "udp/8301"]],
  ["clients", "servers", ["tcp/4647", "tcp/8300", "tcp/8301", "udp/8301"]],
  ["servers", "clients", ["tcp/8301", "udp/8301"]],
  ["clients", "clients", ["tcp/8301", "udp/8301", "tcp/8100", "tcp/8101"]],
  ["ingress", "clients", ["tcp/8000", "tcp/8001"]],
] as const;
const machineRules = between.flatMap(([from, to, ports]) =>
  ports.flatMap((port) => [`in ${to} ${from} ${port}`, `out ${from} ${to} ${port}`]),
);
const always = [...machineRules, "in ingress 0.0.0.0/0 tcp/80", "out servers s3 tcp/443", "out clients s3 tcp/443"];

const base = (egress: "endpoints" | "nat"): SynthesisedStack => {
  const sandbox = environmentNamed("sandbox");
  const regions = Object.fromEntries(Object.entries(sandbox.regions).map(([name, region]) => [name, { ...region, egress }]));
  return stackOf(synthesiseEnvironment({ ...sandbox, regions }), "base");
};

describe("security groups", () => {
  test("with endpoints: these rules and no other", () => {
    const endpoints = ["servers", "clients"].flatMap((group) => [`in endpoints ${group} tcp/443`, `out ${group} endpoints tcp/443`]);
    expect(rulesOf(base("endpoints"))).toEqual([...always, ...endpoints].sort());
  });

  test("with NAT: these rules and no other", () => {
    expect(rulesOf(base("nat"))).toEqual([...always, "out servers 0.0.0.0/0 tcp/443", "out clients 0.0.0.0/0 tcp/1-65535"].sort());
  });

  test("no group has rules of its own besides, and what has no group is closed", () => {
    const stack = base("endpoints");
    for (const group of Object.values(resourcesOf(stack, "aws_security_group"))) {
      expect(group).not.toHaveProperty("ingress");
      expect(group).not.toHaveProperty("egress");
    }
    const [closed] = Object.values(resourcesOf(stack, "aws_default_security_group"));
    expect(closed).toBeDefined();
    expect(closed).not.toHaveProperty("ingress");
    expect(closed).not.toHaveProperty("egress");
  });

  test("every rule says why", () => {
    const stack = base("endpoints");
    for (const type of ["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"])
      for (const rule of Object.values(resourcesOf(stack, type))) expect(rule.description).toMatch(/^[A-Za-z0-9 ]{5,}$/);
  });
});
