import { getEnvironment } from "wasi:cli/environment@0.2.10";
import { version } from "../package.json";
import { answer } from "./app.ts";

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

addEventListener("fetch", (event) => {
  // Only now: what stands outside of a handler runs when the app is built, where there is no environment.
  const environment = new Map(getEnvironment());
  const { request, respondWith } = event as FetchEvent;
  respondWith.call(event, answer(request, { greeting: environment.get("GREETING") ?? "hello", version, fetch }));
});
