import { expectTypeOf, test } from "vitest";
import type { Environment, EnvironmentInput } from "../../config/schema.ts";

type Region = EnvironmentInput["regions"][string];
type App = EnvironmentInput["apps"][string];
type Servers = EnvironmentInput["platform"]["servers"];

test("an editor shows a wrong unit, count or choice before anything runs", () => {
  expectTypeOf<"64 MB">().toExtend<App["memory"]>();
  expectTypeOf<"64MB">().not.toExtend<App["memory"]>();
  expectTypeOf<"64 KB">().not.toExtend<App["memory"]>();
  expectTypeOf<64>().not.toExtend<App["memory"]>();
  expectTypeOf<"1 second" | "30 seconds">().toExtend<App["requestTimeout"]>();
  expectTypeOf<"30 s">().not.toExtend<App["requestTimeout"]>();
  expectTypeOf<"10.0.0.0/16">().toExtend<Region["cidr"]>();
  expectTypeOf<"10.0.0.0">().not.toExtend<Region["cidr"]>();
  expectTypeOf<"internet">().not.toExtend<Region["egress"]>();
  expectTypeOf<4>().not.toExtend<Servers["count"]>();
  expectTypeOf<"x86">().not.toExtend<Servers["arch"]>();
});

test("only settings with a default may be left out", () => {
  type Optional<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T];
  expectTypeOf<Optional<EnvironmentInput>>().toEqualTypeOf<"api">();
  expectTypeOf<Optional<App>>().toEqualTypeOf<"outboundHosts" | "env">();
  expectTypeOf<Optional<Environment["apps"][string]>>().toEqualTypeOf<never>();
});
