import type { AppDeclaration } from "./app.ts";
import { refuse } from "./validate.ts";

/** The apps of one platform: finds two of one name and two that claim one route, and names both callers. */
export class AppRegistry {
  private readonly callersByName = new Map<string, string>();
  private readonly callersByRoute = new Map<string, string>();

  /** `caller` is the path of the construct that declares the app. */
  add(caller: string, app: AppDeclaration): void {
    const problems: string[] = [];
    const sameName = this.callersByName.get(app.name);
    if (sameName !== undefined)
      problems.push(
        `name: declared twice, got ${JSON.stringify(app.name)} from ${caller} and from ${sameName}; expected one declaration of an app. Remove one of the two or rename it`,
      );
    for (const route of app.routes) {
      const sameRoute = this.callersByRoute.get(route);
      if (sameRoute !== undefined)
        problems.push(
          `routes: claimed twice, got ${JSON.stringify(route)} from ${caller} and from ${sameRoute}; expected one app for a host name. Remove it from one of the two`,
        );
    }
    refuse(caller, problems);
    this.callersByName.set(app.name, caller);
    for (const route of app.routes) this.callersByRoute.set(route, caller);
  }
}
