import { type App, TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import type { AppDeclaration } from "../../constructs/core/app.ts";
import type { IPlatform, PlatformKind } from "../../constructs/core/platform.ts";
import { messageOf } from "../support/message-of.ts";
import { type SynthesisedStack, synthesise } from "../support/synth.ts";

export interface PlatformUnderTest {
  readonly kind: PlatformKind;
  /** Makes one in a stack that has nothing but a provider; its pools `web` (domain `apps.example.com`) and `batch` (no apps). */
  readonly make: (stack: TerraformStack) => IPlatform;
  /** The declarations of apps that the stack holds, in any order. */
  readonly declared: (stack: SynthesisedStack) => unknown[];
}

export const helloApp: AppDeclaration = {
  name: "hello",
  pool: "web",
  routes: ["hello.apps.example.com"],
  memoryMb: 64,
  requestTimeoutMs: 1000,
  concurrency: 16,
  outboundHosts: [],
  env: {},
};

/** What every platform keeps to, whatever it runs on. */
export function describePlatform({ kind, make, declared }: PlatformUnderTest): void {
  const inStack = (use: (platform: IPlatform) => void): SynthesisedStack => {
    const stacks = synthesise((app: App) => use(make(new TerraformStack(app, "stack"))));
    const stack = stacks.stack;
    if (stack === undefined) throw new Error("no stack");
    return stack;
  };
  const failing = (use: (platform: IPlatform) => void): string => {
    let text = "";
    inStack((platform) => {
      text = messageOf(() => use(platform));
    });
    return text;
  };

  describe(`platform ${kind}`, () => {
    test("says what it is and where the world reaches it", () => {
      inStack((platform) => {
        expect(platform.kind).toBe(kind);
        expect(platform.ingress.hostname).not.toBe("");
        expect(platform.ingress.healthCheck.path).toMatch(/^\//);
        expect(platform.attributes.environment).toBe("example");
        expect(platform.attributes.ingressHostname).toBe(platform.ingress.hostname);
        for (const value of Object.values(platform.attributes)) expect(value).toBeTypeOf("string");
      });
    });

    test("declares the apps that are added, with all that agents read", () => {
      const other = { ...helloApp, name: "other", routes: ["other.apps.example.com", "also.apps.example.com"] };
      const stack = inStack((platform) => {
        platform.addApp("first", helloApp);
        platform.addApp("second", other);
      });
      expect(declared(stack)).toHaveLength(2);
      expect(declared(stack)).toEqual(expect.arrayContaining([helloApp, other]));
    });

    test("refuses two apps of one name and two claims of a route, naming both callers", () => {
      const text = failing((platform) => {
        platform.addApp("first", helloApp);
        platform.addApp("second", helloApp);
      });
      const path = "stack/wasm-platform";
      expect(text).toBe(
        [
          `${path}/second cannot be made:`,
          `  name: declared twice, got "hello" from ${path}/second and from ${path}/first; expected one declaration of an app. Remove one of the two or rename it`,
          `  routes: claimed twice, got "hello.apps.example.com" from ${path}/second and from ${path}/first; expected one app for a host name. Remove it from one of the two`,
        ].join("\n"),
      );
    });

    test("refuses an app on a pool that it has not, or that runs no apps", () => {
      const text = (pool: string) => failing((platform) => platform.addApp("app", { ...helloApp, pool }));
      expect(text("elsewhere")).toBe(
        'stack/wasm-platform/app cannot be made:\n  pool: does not exist, got "elsewhere"; expected a pool with a domain: web. Name one of them, or add the pool',
      );
      expect(text("batch")).toBe(
        'stack/wasm-platform/app cannot be made:\n  pool: runs no apps, got "batch"; expected a pool with a domain: web. Name one of them, or give the pool a domain',
      );
    });

    test("refuses a route outside its pool's domain", () => {
      const routes = ["hello.apps.example.com", "hello.example.com", "apps.example.com"];
      expect(failing((platform) => platform.addApp("app", { ...helloApp, routes }))).toBe(
        [
          "stack/wasm-platform/app cannot be made:",
          '  routes: is outside its pool\'s domain, got "hello.example.com"; expected a host name below apps.example.com. Rename the route, or move the app to the pool of that domain',
          '  routes: is outside its pool\'s domain, got "apps.example.com"; expected a host name below apps.example.com. Rename the route, or move the app to the pool of that domain',
        ].join("\n"),
      );
    });

    test("names the identity of each pool's machines, for policies", () => {
      inStack((platform) => {
        const [web, batch] = [platform.grantPrincipal("web"), platform.grantPrincipal("batch")];
        expect(web.roleArn).not.toBe("");
        expect(web).not.toEqual(batch);
      });
      expect(failing((platform) => platform.grantPrincipal("elsewhere"))).toBe(
        'stack/wasm-platform: no such pool, got "elsewhere"; expected one of web, batch. Name a pool of this platform',
      );
    });
  });
}
