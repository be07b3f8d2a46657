import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Whether an address is a machine of the public internet: not this one, not its network, not a cloud's own services, nor any
 * range that is set aside (IANA's special-purpose registries). An IPv4 address inside an IPv6 one is judged as itself.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !NOT_PUBLIC.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
  const embedded = embeddedIpv4(address);
  if (embedded !== undefined) return isPublicAddress(embedded);
  return UNICAST.check(address, 'ipv6') && !NOT_PUBLIC_6.check(address, 'ipv6');
}

const NOT_PUBLIC = blocks('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);

/** What is given out as unicast at all; tunnels that carry an IPv4 address of the sender's choice are among the rest. */
const UNICAST = blocks('ipv6', ['2000::/3']);
const NOT_PUBLIC_6 = blocks('ipv6', [
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
]);

function blocks(family: 'ipv4' | 'ipv6', cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [net = '', bits] = cidr.split('/');
    list.addSubnet(net, Number(bits), family);
  }
  return list;
}

/** IPv4-mapped (RFC 4291 section 2.5.5.2) and translated by NAT64 (RFC 6052). */
const CARRIERS = [/^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/, /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/];

function embeddedIpv4(address: string): string | undefined {
  const normal = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  for (const carrier of CARRIERS) {
    const [, high, low] = carrier.exec(normal) ?? [];
    if (high === undefined || low === undefined) continue;
    const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
    return [a >> 8, a & 255, b >> 8, b & 255].join('.');
  }
  return undefined;
}
