import { BlockList, isIP } from 'node:net';

/**
 * What is not the public Internet, from IANA's registries of special-purpose addresses. An address of IPv6 is public only
 * within 2000::/3: that leaves out, without naming them, the loopback, everything that carries an address of IPv4
 * (::ffff:0:0/96, 64:ff9b::/96), link-local, unique-local and multicast.
 */
const V4_INSIDE = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  // Multicast, and all that is reserved above it, the broadcast address too. Metadata services live in 169.254/16, 100.100.100.200 and here.
  '224.0.0.0/3',
] as const;

const V6_PUBLIC = '2000::/3';

/** Within 2000::/3: protocol assignments with Teredo, documentation, 6to4. */
const V6_INSIDE = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const;

function listOf(subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net, prefix] = subnet.split('/');
    list.addSubnet(net!, Number(prefix), family);
  }
  return list;
}

const v4Inside = listOf(V4_INSIDE, 'ipv4');
const v6Public = listOf([V6_PUBLIC], 'ipv6');
const v6Inside = listOf(V6_INSIDE, 'ipv6');

/** Whether nobody but this machine or its own network may be behind the address. What is no address is not public. */
export function isInside(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return v4Inside.check(address, 'ipv4');
  if (family === 6) return !v6Public.check(address, 'ipv6') || v6Inside.check(address, 'ipv6');
  return true;
}
