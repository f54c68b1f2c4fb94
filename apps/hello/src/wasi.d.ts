/** The part of WASI that the app imports by itself; `fetch` and `console` are given by the engine. */
declare module "wasi:cli/environment@0.2.10" {
  export function getEnvironment(): [name: string, value: string][];
}
