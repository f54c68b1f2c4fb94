import { Construct } from "constructs";
import { AppObject } from "../aws/app-object.ts";
import { IngressLoadBalancer, ingressHealthCheck } from "../aws/ingress-load-balancer.ts";
import { MirroredReleases } from "../aws/mirrored-releases.ts";
import { NodeBundleObject } from "../aws/node-bundle-object.ts";
import { NodePool } from "../aws/node-pool.ts";
import { ServerGroup } from "../aws/server-group.ts";
import { renderNodeBundle } from "../bootstrap/node-bundle.ts";
import { renderUserData } from "../bootstrap/user-data.ts";
import type { AppDeclaration } from "../core/app.ts";
import { AppRegistry } from "../core/app-registry.ts";
import { artefactBucketName, poolRole, secretName, serverRole } from "../core/names.ts";
import type { Ingress, IPlatform, PlatformAttributes, PlatformPrincipal } from "../core/platform.ts";
import { refuse } from "../core/validate.ts";
import type { AwsNomadProps } from "./aws-nomad-props.ts";
import { appProblems, platformProblems } from "./aws-nomad-rules.ts";

/** Nomad and Consul servers and node pools on EC2, behind a network load balancer. Make it with `enableWasmPlatform`. */
export class AwsNomadPlatform extends Construct implements IPlatform {
  readonly kind = "aws-nomad";
  readonly ingress: Ingress;
  readonly attributes: PlatformAttributes;
  private readonly pools = new Map<string, NodePool>();
  private readonly apps = new AppRegistry();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsNomadProps,
  ) {
    super(scope, id);
    refuse(this.node.path, platformProblems(props));
    const { provider, environment, region, accountId, allowDestroy, network, servers, releases, images } = props;
    const artefactBucket = props.artefactBucket ?? artefactBucketName({ environment, region, accountId });

    const mirrored = new MirroredReleases(this, "releases", { provider, environment, bucket: artefactBucket, releases });
    const bundle = renderNodeBundle({
      environment,
      region,
      serverCount: servers.count,
      serverArch: servers.arch,
      pools: props.pools,
      releases,
      agentProgram: props.agentProgram,
    });
    const object = new NodeBundleObject(this, "node-bundle", { provider, bucket: artefactBucket, bundle });
    const balancer = new IngressLoadBalancer(this, "ingress", {
      provider,
      environment,
      region,
      vpcId: network.vpcId,
      subnetIds: network.publicSubnetIds,
      securityGroupId: network.securityGroupIds.ingress,
      deletionProtection: !allowDestroy,
    });

    const common = {
      provider,
      environment,
      region,
      accountId,
      artefactBucket,
      subnetIds: network.privateSubnetIds,
      volumeKeyArn: network.volumeKeyArn,
      tags: props.tags ?? {},
      forceDelete: allowDestroy,
      dependsOn: [object.uploaded],
    };
    const boot = {
      environment,
      region,
      artefactBucket,
      bundleSha256: bundle.sha256,
      releasesKey: mirrored.key,
      serverCount: servers.count,
    };
    new ServerGroup(this, "servers", {
      ...common,
      ...servers,
      image: { arch: servers.arch, id: images[servers.arch] },
      securityGroupId: network.securityGroupIds.servers,
      pools: Object.keys(props.pools),
      userData: renderUserData({
        ...boot,
        role: "server",
        arch: servers.arch,
        serverSecret: secretName({ environment, role: serverRole }),
      }),
    });
    for (const [name, pool] of Object.entries(props.pools)) {
      const machines = new NodePool(this, `pool-${name}`, {
        ...common,
        ...pool,
        pool: name,
        image: { arch: pool.arch, id: images[pool.arch] },
        securityGroupId: network.securityGroupIds.clients,
        ...(pool.ingress ? { targetGroupArns: [balancer.targetGroupArn] } : {}),
        userData: renderUserData({
          ...boot,
          role: "client",
          pool: name,
          arch: pool.arch,
          poolSecret: secretName({ environment, role: poolRole(name) }),
        }),
      });
      this.pools.set(name, machines);
    }

    this.ingress = { hostname: balancer.hostname, aliasZoneId: balancer.zoneId, healthCheck: ingressHealthCheck };
    this.attributes = {
      environment,
      region,
      ingressHostname: balancer.hostname,
      ingressZoneId: balancer.zoneId,
      artefactBucket,
    };
  }

  addApp(id: string, app: AppDeclaration): void {
    const caller = `${this.node.path}/${id}`;
    refuse(caller, appProblems(app, this.props.pools));
    this.apps.add(caller, app);
    new AppObject(this, id, { provider: this.props.provider, bucket: this.attributes.artefactBucket, app });
  }

  grantPrincipal(pool: string): PlatformPrincipal {
    const machines = this.pools.get(pool);
    if (machines === undefined)
      throw new Error(
        `${this.node.path}: no such pool, got ${JSON.stringify(pool)}; expected one of ${[...this.pools.keys()].join(", ")}. Name a pool of this platform`,
      );
    return { roleName: machines.role.roleName, roleArn: machines.role.roleArn };
  }
}
