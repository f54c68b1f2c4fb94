import type { AppIndex } from "../../constructs/core/app.ts";

export interface EngineInput {
  /** Engine of the cluster's settings, where they name one. */
  readonly setting: string | undefined;
  /** Engine of each node that runs apps and reports. */
  readonly nodes: readonly string[];
  readonly previous: AppIndex | undefined;
  /** Apps that are declared now. */
  readonly apps: ReadonlySet<string>;
  readonly isCompiled: (component: string, engine: string) => boolean;
}

export interface EngineChoice {
  /** New components are compiled for it. */
  readonly compile: string;
  /** The index is written for it. */
  readonly index: string;
  /** Components that must be compiled before the index can go over to `compile`. */
  readonly awaited: readonly string[];
}

/**
 * Engine of the index. A new version of the app host brings a new engine: the index goes over once everything that
 * is served is compiled for it, or once no node runs the old one. Undefined while nobody knows an engine.
 */
export function chooseEngine({ setting, nodes, previous, apps, isCompiled }: EngineInput): EngineChoice | undefined {
  const wanted = setting ?? mostFrequent(nodes) ?? previous?.engine;
  if (wanted === undefined) return undefined;
  if (previous === undefined || previous.engine === wanted) return { compile: wanted, index: wanted, awaited: [] };
  const served = Object.entries(previous.apps).flatMap(([name, { serving }]) =>
    serving !== undefined && apps.has(name) ? [serving.component] : [],
  );
  const awaited = [...new Set(served)].filter((component) => !isCompiled(component, wanted)).sort();
  const isOldGone = nodes.length > 0 && !nodes.includes(previous.engine);
  return { compile: wanted, index: awaited.length === 0 || isOldGone ? wanted : previous.engine, awaited };
}

function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  // Equal counts: the later name, so that all leaders choose alike and a half-done upgrade goes forward.
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1))[0]?.[0];
}
