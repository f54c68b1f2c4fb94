import { contains, readAddress, readCidr } from "./cidr.ts";

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Longest DNS name in text form, without the final dot. */
const longestName = 253;

export const hostNameForm = 'a lower-case host name of two labels or more, without port or final dot, e.g. "shop.apps.example.com"';

/** Lower-case DNS name of at least two labels; the last one is no number, so no IPv4 address is one. */
export function isHostName(value: unknown): value is string {
  if (typeof value !== "string" || value.length > longestName) return false;
  const labels = value.split(".");
  return labels.length >= 2 && labels.every((part) => label.test(part)) && !/^[0-9]+$/.test(labels.at(-1) ?? "");
}

/** True where `host` has one label or more before `domain`. */
export function isBelow(host: string, domain: string): boolean {
  return host.endsWith(`.${domain}`) && host.length > domain.length + 1;
}

/** Where a machine keeps its credentials and its agents' APIs: no app may be let out to these. */
const ownBlocks = ["127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/8"] as const;

/** Host name or IPv4 address, with `:port` if not 443; undefined for anything else. */
export function readOutboundHost(value: unknown): { readonly host: string; readonly port: number } | undefined {
  const match = typeof value === "string" ? /^([^:]+)(?::([1-9][0-9]{0,4}))?$/.exec(value) : null;
  const [, host, digits = "443"] = match ?? [];
  const port = Number(digits);
  if (host === undefined || port > 65_535) return undefined;
  return isHostName(host) || readAddress(host) !== undefined ? { host, port } : undefined;
}

/** True for the machine's own addresses: loopback, link-local (its metadata service) and `localhost`. */
export function isOwnAddress(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const address = readAddress(host);
  return (
    address !== undefined &&
    ownBlocks.some((block) => {
      const outer = readCidr(block);
      return outer !== undefined && contains(outer, address);
    })
  );
}
