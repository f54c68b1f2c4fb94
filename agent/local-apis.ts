import { readFileSync } from "node:fs";
import { ports } from "../constructs/bootstrap/layout.ts";
import { type LocalApi, localApi } from "./http/local-api.ts";
import { nodeFiles } from "./node-files.ts";

/** APIs of this machine's Consul and Nomad, with a token of the caller's choice. */
export interface LocalApis {
  consul(token: () => string | undefined): LocalApi;
  nomad(token: () => string | undefined): LocalApi;
}

export const machineApis: LocalApis = {
  consul: (token) => localApi({ program: "consul", port: ports.consulHttps, tls: nodeFiles.consulTls, token }),
  nomad: (token) => localApi({ program: "nomad", port: ports.nomadHttp, tls: nodeFiles.nomadTls, token }),
};

/** Token of a file, as it is now. */
export const tokenOf = (file: string) => (): string => readFileSync(file, "utf8").trim();
