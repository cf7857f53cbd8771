import { canonicalIp, isPrivateIp } from '../util/index.ts';

/**
 * Where a peer or a seeder is said to be reached, given where its request came from.
 *
 * The policy: the sender's own address, always; another one only when both are private (RFC 1918, RFC 4193, loopback,
 * link-local). A tracker hands addresses to everyone in a swarm, so whoever could name any address could aim the swarm
 * at a third party (BEP 7 gives that as the reason for its dropping `ipv4=` and `ipv6=`). In a private network, where a
 * machine often has several addresses and reaches the tracker by the wrong one of them (a seeder beside the tracker
 * comes from 127.0.0.1), it may say which; the worst it can do is misdirect its own network. A sender on the loopback
 * interface is trusted no further than that: it may be a proxy, behind which everyone comes from 127.0.0.1.
 *
 * @param sender canonical address of the socket
 * @param claimed what the request says, if it says anything
 * @returns a canonical address; `undefined` when the claim is none or is not granted
 * @see BEP 3 `ip`, BEP 7
 */
export function reachableHost(sender: string, claimed: string | undefined): string | undefined {
  if (claimed === undefined) return sender;
  const host = canonicalIp(claimed);
  if (host === undefined || host === sender) return host;
  return isPrivateIp(sender) && isPrivateIp(host) ? host : undefined;
}

/** @param host canonical */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.');
}
