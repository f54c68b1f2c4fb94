import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateAutoScalingGroupCommand, UpdateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, CreateSubnetCommand, CreateVpcCommand, DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { CreateListenerCommand, CreateLoadBalancerCommand, CreateTargetGroupCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, describe, expect, test } from "vitest";
import { publishedPorts, sandboxRegion } from "../../sandbox/addresses.ts";
import { sandboxStateFolder } from "../../sandbox/host/folders.ts";
import { isAlive, signal } from "../../sandbox/host/processes.ts";
import { readTargetHealth } from "../../sandbox/load-balancer/balancer-machine.ts";
import { execInMachine } from "../../sandbox/machines/exec.ts";
import { machineInit, runningMachine } from "../../sandbox/machines/machine.ts";
import { ensureCloudLayer } from "../../sandbox/machines/tree.ts";
import { regionClients } from "../../sandbox/region/clients.ts";
import { runningDaemon } from "../../sandbox/region-daemon.ts";
import { isSandboxRunning, listMachines, preflight, sandboxEnvironment, startSandbox, stopSandbox } from "../../sandbox/sandbox.ts";
import { ask, eventually } from "./support/fleet.ts";

const problems = isSandboxRunning() ? ["a sandbox runs already, and these tests end with none (`npm run down`)"] : await preflight();
const quiet = { onProgress: () => undefined };

/** What a machine does here: it answers with its own name, and says what it may read. */
const userData = `#cloud-config
write_files:
  - path: /root/answer.py
    content: |
      import http.server, socket
      class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
          body = socket.gethostname().encode()
          self.send_response(200)
          self.send_header("content-length", str(len(body)))
          self.end_headers()
          self.wfile.write(body)
      http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
runcmd:
  - [systemd-run, --unit=answer, python3, /root/answer.py]
`;

const clients = () => {
  const {
    AWS_ENDPOINT_URL: endpoint = "",
    AWS_ACCESS_KEY_ID: accessKeyId = "",
    AWS_SECRET_ACCESS_KEY: secretAccessKey = "",
  } = sandboxEnvironment();
  return regionClients({ region: sandboxRegion, endpoint, accessKeyId, secretAccessKey });
};
const running = async (count: number) => {
  const machines = await listMachines();
  return machines.length === count && machines.every(({ state }) => state === "running") ? machines : undefined;
};
const answer = async () => {
  const { status, body } = await ask("any", "/", publishedPorts().http);
  return status === 200 ? body : undefined;
};
const record = (instanceId: string) => {
  const machine = runningMachine(sandboxStateFolder(), instanceId);
  if (machine === undefined) throw new Error(`${instanceId}: does not run`);
  return machine;
};

/** The region alone, without our platform: machines for instances, a load balancer for a load balancer. */
describe.skipIf(problems.length > 0)(problems.length === 0 ? "machines" : `skipped: ${problems.join(" ")}`, () => {
  afterAll(async () => {
    if (isSandboxRunning()) await stopSandbox();
  });

  test("instances of a group become machines that ran their user data, behind a load balancer", async () => {
    await Promise.all([startSandbox(quiet), ensureCloudLayer(quiet.onProgress)]);
    await declare();
    const machines = await eventually("two machines", 120, () => running(2));
    expect(machines.map(({ name, role, pool }) => ({ name, role, pool }))).toEqual([
      { name: "web-1", role: "client", pool: "web" },
      { name: "web-2", role: "client", pool: "web" },
    ]);
    const names = machines.map(({ address }) => `ip-${address.replaceAll(".", "-")}`);
    const seen = new Set<string>();
    await eventually("answers of both machines", 60, async () => {
      const name = await answer();
      if (name !== undefined) seen.add(name);
      return seen.size === 2 ? true : undefined;
    });
    expect([...seen].sort()).toEqual(names.sort());
    await eventually("both targets healthy", 30, async () =>
      readTargetHealth(sandboxStateFolder()).filter(({ state }) => state === "healthy").length === 2 ? true : undefined,
    );
  });

  test("a machine has its role's credentials and no way past them", async () => {
    const [machine] = await listMachines();
    const script = `base=http://169.254.169.254/latest
token=$(curl -sf -X PUT $base/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')
role=$(curl -sf -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/)
document=$(curl -sf -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/$role)
field() { printf '%s' "$document" | python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
call() { curl -s -o /dev/null -w '%{http_code} ' --aws-sigv4 "aws:amz:us-east-1:$1" --user "$(field AccessKeyId):$(field SecretAccessKey)" -H "X-Amz-Security-Token: $(field Token)" "$AWS_ENDPOINT_URL/$2"; }
call sts '?Action=GetCallerIdentity&Version=2011-06-15'
call ec2 '?Action=DescribeInstances&Version=2016-11-15'
call iam '?Action=ListUsers&Version=2010-05-08'
curl -s -o /dev/null -w '%{http_code}' $base/meta-data/instance-id`;
    const { stdout } = await execInMachine(record(machine?.instanceId ?? ""), ["bash", "-c", script]);
    expect(stdout.split(" ")).toEqual(["200", "200", "403", "401"]);
  });

  test("a machine that dies is replaced, and the load balancer follows", async () => {
    const [victim, other] = await listMachines();
    const init = machineInit(record(victim?.instanceId ?? ""));
    if (init === undefined) throw new Error("no first process");
    signal(init, "SIGKILL");
    const machines = await eventually("another machine in its place", 60, async () => {
      const seen = await running(2);
      return seen?.some(({ instanceId }) => instanceId === victim?.instanceId) ? undefined : seen;
    });
    expect(machines.map(({ instanceId }) => instanceId)).toContain(other?.instanceId);
    await eventually("two healthy targets", 60, async () => {
      const health = readTargetHealth(sandboxStateFolder());
      const good = health.filter(({ state }) => state === "healthy").map(({ target }) => target);
      return good.length === 2 && !good.includes(victim?.instanceId ?? "") ? true : undefined;
    });
  });

  test("a daemon that is killed leaves the machines running, and the next one takes them over", async () => {
    const before = (await listMachines()).map(({ instanceId }) => record(instanceId).process.pid);
    const daemon = runningDaemon(sandboxStateFolder());
    if (daemon === undefined) throw new Error("no daemon");
    signal(daemon, "SIGKILL");
    await eventually("the daemon's end", 10, async () => (isAlive(daemon) ? undefined : true));
    expect(await answer()).toBeDefined();
    await startSandbox(quiet);
    await eventually("machines seen again", 20, () => running(2));
    expect((await listMachines()).map(({ instanceId }) => record(instanceId).process.pid)).toEqual(before);
  });

  test("scaling in powers a machine off and leaves nothing of it", async () => {
    const machines = await listMachines();
    await clients().autoscaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: "web", MinSize: 1, DesiredCapacity: 1 }));
    const [left] = await eventually("one machine", 60, () => running(1));
    await eventually("one target", 20, async () => (readTargetHealth(sandboxStateFolder()).length === 1 ? true : undefined));
    const gone = machines.filter(({ instanceId }) => instanceId !== left?.instanceId);
    for (const { instanceId } of gone) {
      await eventually("an empty place", 40, async () =>
        existsSync(join(sandboxStateFolder(), "machines", instanceId)) ? undefined : true,
      );
      expect(readFileSync("/proc/mounts", "utf8")).not.toContain(instanceId);
      expect(execFileSync("find", ["/sys/fs/cgroup", "-maxdepth", "3", "-name", instanceId], { encoding: "utf8" })).toBe("");
    }
  });

  test("a sandbox of another state folder is refused, and stops nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "edge-fleet-other-"));
    try {
      const program = 'const { stopSandbox } = await import("./sandbox/sandbox.ts"); await stopSandbox();';
      const entry = join(".build", "stop-other.ts");
      execFileSync("bash", ["-c", `mkdir -p .build && cat >"${entry}"`], { input: program.replace("./sandbox", "../sandbox") });
      const stop = () =>
        execFileSync("node", ["cli/run.mjs", entry], {
          env: { ...process.env, EDGE_FLEET_STATE: folder },
          encoding: "utf8",
          stdio: "pipe",
        });
      expect(stop).toThrow(/another one runs on this machine/);
      expect(await running(1)).toBeDefined();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("stop leaves no process, mount, namespace, control group or file", async () => {
    const processes = [
      runningDaemon(sandboxStateFolder()),
      ...(await listMachines()).map(({ instanceId }) => record(instanceId).process),
      record("cloud").process,
    ];
    await stopSandbox();
    expect(processes.map((each) => each !== undefined && isAlive(each))).toEqual(processes.map(() => false));
    expect(execFileSync("ip", ["netns", "list"], { encoding: "utf8" })).not.toMatch(/^edge-fleet\b/m);
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(sandboxStateFolder());
    expect(execFileSync("find", ["/sys/fs/cgroup", "-maxdepth", "2", "-name", "edge-fleet"], { encoding: "utf8" })).toBe("");
    expect(existsSync(sandboxStateFolder())).toBe(false);
    await stopSandbox();
  });
});

async function declare(): Promise<void> {
  const { ec2, iam, balancers, autoscaling } = clients();
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }],
  };
  await iam.send(new CreateRoleCommand({ RoleName: "web", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const allowed = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "ec2:DescribeInstances", Resource: "*" }] };
  await iam.send(new PutRolePolicyCommand({ RoleName: "web", PolicyName: "web", PolicyDocument: JSON.stringify(allowed) }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "web" }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "web", RoleName: "web" }));
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.30.0.0/16" }));
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: "10.30.0.0/24" }));
  const { Images } = await ec2.send(new DescribeImagesCommand({}));
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "web",
      LaunchTemplateData: {
        ImageId: Images?.[0]?.ImageId,
        InstanceType: "m7i.large",
        UserData: Buffer.from(userData).toString("base64"),
        IamInstanceProfile: { Name: "web" },
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "role", Value: "client" }] }],
      },
    }),
  );
  const { LoadBalancers } = await balancers.send(
    new CreateLoadBalancerCommand({ Name: "ingress", Type: "network", Subnets: [Subnet?.SubnetId ?? ""] }),
  );
  const { TargetGroups } = await balancers.send(
    new CreateTargetGroupCommand({
      Name: "web",
      Protocol: "TCP",
      Port: 8000,
      VpcId: Vpc?.VpcId,
      TargetType: "instance",
      HealthCheckProtocol: "HTTP",
      HealthCheckPath: "/",
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const group = TargetGroups?.[0]?.TargetGroupArn;
  await balancers.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      Protocol: "TCP",
      DefaultActions: [{ Type: "forward", TargetGroupArn: group }],
    }),
  );
  await autoscaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: "web",
      MinSize: 2,
      MaxSize: 2,
      VPCZoneIdentifier: Subnet?.SubnetId,
      LaunchTemplate: { LaunchTemplateName: "web", Version: "$Latest" },
      TargetGroupARNs: group === undefined ? [] : [group],
      Tags: [{ Key: "pool", Value: "web", PropagateAtLaunch: true }],
    }),
  );
}
