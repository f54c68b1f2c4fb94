import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { IPlatform } from "../constructs/core/platform.ts";
import { enableWasmPlatform, type WasmPlatformProps } from "../constructs/platforms/enable-wasm-platform.ts";
import { defaultTags, equip, type StackProps, stackId } from "./common.ts";

export interface PlatformProps extends StackProps {
  /** The platform, without what every stack knows. */
  readonly platform: Omit<WasmPlatformProps, keyof StackProps | "provider" | "tags">;
}

/** Machines, load balancer and roles of one region. */
export class PlatformStack extends TerraformStack {
  readonly platform: IPlatform;

  constructor(scope: Construct, props: PlatformProps) {
    super(scope, stackId("platform", props));
    const { environment, region, accountId, allowDestroy } = props;
    const provider = equip(this, "platform", props);
    const tags = defaultTags("platform", props);
    this.platform = enableWasmPlatform(this, { ...props.platform, environment, region, accountId, allowDestroy, provider, tags });
    new TerraformOutput(this, "ingress-hostname", {
      value: this.platform.ingress.hostname,
      description: "Where the world reaches the apps",
    });
  }
}
