import { refuse } from "../core/validate.ts";

/** IPv4 blocks of a VPC's subnets. Zones keep their block when others are added behind them. */
export interface SubnetBlocks {
  readonly private: readonly string[];
  readonly public: readonly string[];
}

/**
 * Cuts a VPC's block into eight equal ones: the first half for private subnets, the second for public, so up to four
 * zones. A /16 gives 8187 machines a zone, a /20 still 507.
 */
export function subnetBlocks(cidr: string, zones: number): SubnetBlocks {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const [octets, prefix] = [(match?.slice(1, 5) ?? []).map(Number), Number(match?.[5])];
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - prefix);
  const problems: string[] = [];
  if (match === null || octets.some((octet) => octet > 255) || prefix < 16 || prefix > 20 || address % size !== 0)
    problems.push(
      `cidr: not a block for a VPC, got ${JSON.stringify(cidr)}; expected the first address of a private IPv4 block with its prefix, /16 to /20. Write it as 10.30.0.0/16`,
    );
  if (!Number.isInteger(zones) || zones < 1 || zones > 4)
    problems.push(`zones: not a number of zones that fits, got ${zones}; expected 1 to 4. Name up to four zones of the region`);
  refuse("subnet blocks", problems);

  const block = (index: number): string => {
    const first = address + (size / 8) * index;
    return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix + 3}`;
  };
  const each = (offset: number): string[] => Array.from({ length: zones }, (_, zone) => block(offset + zone));
  return { private: each(0), public: each(4) };
}
