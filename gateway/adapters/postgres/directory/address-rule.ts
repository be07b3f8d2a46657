import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * Whether an address lies in one of the CIDR blocks (RFC 4632, RFC 4291); no blocks means anywhere.
 * An IPv4 address is the same in its IPv6-mapped form. What cannot be read, block or address, is in nothing.
 */
export function addressRule(cidrs: readonly string[]): (ip: string) => boolean {
  if (cidrs.length === 0) return () => true;
  const blocks = new BlockList();
  for (const cidr of cidrs) addBlock(blocks, cidr);
  return (ip) => {
    const address = unmapped(ip);
    return isIP(address) !== 0 && blocks.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  };
}

function addBlock(blocks: BlockList, cidr: string): void {
  const [, net = '', bits] = /^([0-9a-f.:]{2,45})(?:\/(\d{1,3}))?$/i.exec(cidr) ?? [];
  const prefix = Number(bits ?? (isIPv4(net) ? 32 : 128));
  if (isIPv4(net) && prefix <= 32) blocks.addSubnet(net, prefix, 'ipv4');
  if (isIPv6(net) && prefix <= 128) blocks.addSubnet(net, prefix, 'ipv6');
}

function unmapped(ip: string): string {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(ip);
  return mapped?.[1] ?? ip;
}
