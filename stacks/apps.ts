import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { AppObject } from "../constructs/aws/app-object.ts";
import type { AppDeclaration } from "../constructs/core/app.ts";
import { AppRegistry } from "../constructs/core/app-registry.ts";
import { artefactBucketName } from "../constructs/core/names.ts";
import { equip, type StackProps, stackId } from "./common.ts";

export interface AppsProps extends StackProps {
  readonly apps: readonly AppDeclaration[];
}

/** The apps of a region, declared. Needs no cluster: the agents make the nodes match, now or after a rebuild. */
export class AppsStack extends TerraformStack {
  constructor(scope: Construct, props: AppsProps) {
    super(scope, stackId("apps", props));
    const provider = equip(this, "apps", props);
    const registry = new AppRegistry();
    for (const app of props.apps) {
      registry.add(`${this.node.path}/${app.name}`, app);
      new AppObject(this, app.name, { provider, bucket: artefactBucketName(props), app });
    }
  }
}
