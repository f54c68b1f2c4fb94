import { describe, expect, test } from "vitest";
import { type Block, environmentNamed, resourcesOf, stackOf, synthesiseEnvironment, theResource } from "../support/synth.ts";

const sandbox = environmentNamed("sandbox");
const stack = stackOf(synthesiseEnvironment(sandbox), "platform");
const templates = resourcesOf(stack, "aws_launch_template");
const groups = resourcesOf(stack, "aws_autoscaling_group");
const tagsOf = (group: Block): Record<string, string> =>
  Object.fromEntries((group.tag as { key: string; value: string }[]).map(({ key, value }) => [key, value]));

describe("machines", () => {
  test("are launched with version 2 of the metadata service only, in private, from an encrypted volume", () => {
    expect(Object.keys(templates)).toHaveLength(2);
    for (const template of Object.values(templates)) {
      expect(template.metadata_options).toEqual({ http_endpoint: "enabled", http_tokens: "required", http_put_response_hop_limit: 1 });
      expect(template.network_interfaces).toMatchObject([
        { associate_public_ip_address: "false", security_groups: [expect.stringMatching(/outputs/)] },
      ]);
      expect(template.block_device_mappings).toEqual([
        {
          device_name: "/dev/xvda",
          ebs: {
            volume_type: "gp3",
            volume_size: expect.any(Number),
            encrypted: "true",
            delete_on_termination: "true",
            kms_key_id: expect.stringMatching(/volumes-key/),
          },
        },
      ]);
    }
  });

  test("servers: a group of one each, over all zones", () => {
    const servers = Object.values(groups).filter((group) => tagsOf(group).role === "server");
    expect(servers).toHaveLength(sandbox.platform.servers.count);
    for (const server of servers) expect(server).toMatchObject({ min_size: 1, max_size: 1, desired_capacity: 1 });
    const subnets = servers.map((server) => JSON.stringify(server.vpc_zone_identifier));
    expect(new Set(subnets).size).toBe(3);
    // Terminate first: the new one is the third voter and not the fourth.
    for (const server of servers)
      expect(server.instance_maintenance_policy).toEqual({ min_healthy_percentage: 0, max_healthy_percentage: 100 });
  });

  test("are found by their tags", () => {
    for (const group of Object.values(groups)) {
      const tags = tagsOf(group);
      expect(tags).toMatchObject({ environment: "sandbox", stack: "platform", region: "us-east-1", "managed-by": "edge-fleet" });
      expect(tags.Name).toBe(group.name);
      expect(tags.role === "server" ? tags.pool : undefined).toBeUndefined();
      expect(tags.role === "client" ? tags.pool : "web").toBe("web");
      for (const tag of group.tag as Block[]) expect(tag.propagate_at_launch).toBe(true);
    }
  });

  test("wait for permissions, programs and bundle, and never for the load balancer", () => {
    const reach = (reference: string, seen = new Set<string>()): Set<string> => {
      const [type = "", id = ""] = reference.split(".");
      const block = resourcesOf(stack, type)[id];
      if (block === undefined || seen.has(reference)) return seen;
      seen.add(reference);
      for (const [, found] of JSON.stringify(block).matchAll(/\b(aws_[a-z0-9_]+\.[A-Za-z0-9_-]+)/g))
        if (found !== undefined) reach(found, seen);
      return seen;
    };
    for (const id of Object.keys(groups)) {
      const types = [...reach(`aws_autoscaling_group.${id}`)].map((reference) => reference.split(".")[0]);
      for (const type of ["aws_iam_role_policy", "aws_iam_instance_profile", "aws_launch_template", "aws_s3_object"])
        expect(types).toContain(type);
      expect(types).not.toContain("aws_lb");
      expect(types).not.toContain("aws_lb_listener");
    }
    // The profile takes AWS seconds to make known: the template must not wait for it, or machines boot later.
    for (const template of Object.values(templates)) expect(JSON.stringify(template)).not.toMatch(/\$\{aws_iam/);
  });

  test("user data is text that Terraform takes as it is, within EC2's limit, without a secret", () => {
    for (const { user_data } of Object.values(templates)) {
      expect(user_data).toMatch(/^[A-Za-z0-9+/=]+$/);
      const text = Buffer.from(String(user_data), "base64").toString();
      expect(text.startsWith("#cloud-config\n")).toBe(true);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024);
      expect(text).not.toMatch(/\$\{TfToken|PRIVATE KEY|AKIA/);
    }
  });

  test("pools with ingress stand behind the load balancer, which asks Traefik whether it serves", () => {
    const [client] = Object.values(groups).filter((group) => tagsOf(group).role === "client");
    expect(client?.target_group_arns).toHaveLength(1);
    expect(theResource(stack, "aws_lb")).toMatchObject({
      load_balancer_type: "network",
      internal: false,
      enable_cross_zone_load_balancing: true,
      security_groups: [expect.stringMatching(/ingress/)],
    });
    expect(theResource(stack, "aws_lb_listener")).toMatchObject({ protocol: "TCP", port: 80 });
    expect(theResource(stack, "aws_lb_target_group")).toMatchObject({
      protocol: "TCP",
      port: 8000,
      preserve_client_ip: "true",
      target_type: "instance",
      health_check: { protocol: "HTTP", port: "8001", path: "/ping", matcher: "200" },
    });
  });

  test("only EC2 may take on a machine's role", () => {
    const roles = Object.values(resourcesOf(stack, "aws_iam_role"));
    expect(roles.map(({ name }) => name).sort()).toEqual(["sandbox-us-east-1-pool-web", "sandbox-us-east-1-servers"]);
    for (const { assume_role_policy } of roles)
      expect(JSON.parse(String(assume_role_policy)).Statement).toEqual([
        { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
      ]);
  });
});
