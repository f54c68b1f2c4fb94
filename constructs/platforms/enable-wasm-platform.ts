import type { Construct } from "constructs";
import type { IPlatform } from "../core/platform.ts";
import { AwsNomadPlatform } from "./aws-nomad.ts";
import type { AwsNomadProps } from "./aws-nomad-props.ts";

/** What a platform of each kind is made from. */
export type WasmPlatformProps = AwsNomadProps;

/** Raises a platform for Wasm apps in any stack of any project; `kind` says what it runs on. One per stack. */
export function enableWasmPlatform(scope: Construct, props: WasmPlatformProps): IPlatform {
  switch (props.kind) {
    case "aws-nomad":
      return new AwsNomadPlatform(scope, "wasm-platform", props);
  }
}
