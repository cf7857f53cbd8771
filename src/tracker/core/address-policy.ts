import { canonicalIp, isPrivateIp, parseIp } from '../../util/index.ts';

/**
 * Decides at which address a peer or a seeder may be handed out, given where its request came from.
 *
 * The policy: the client's own address, always; another one only when both are private (RFC 1918, RFC 4193, loopback,
 * link-local). A tracker hands addresses to everyone in a swarm, so a client that could name any address could aim the swarm
 * at a third party (for that reason BEP 7 dropped `ipv4=` and `ipv6=`). In a private network, where a machine often has
 * several addresses and reaches the tracker by the wrong one of them (a seeder beside the tracker comes from 127.0.0.1), it
 * may say which. A client on the loopback interface is trusted no further than that: it may be a proxy, behind which
 * everyone comes from 127.0.0.1.
 *
 * What an announce says of another address is a claim of its client, {@link claimantOf}: it adds a peer where nobody else
 * has said anything of that address and port, and changes and removes only what the same client has added. A swarm keeps no
 * more claims of a client than peers of a public address. So the worst that a client can do is to send the peers of a swarm
 * to some ports of its own network, one handshake each.
 *
 * @param clientAddress canonical address of the socket
 * @param claimed what the request says, if it says anything
 * @returns a canonical address; `undefined` when the claim is no address or is not granted
 * @see BEP 3 `ip`, BEP 7
 */
export function reachableHost(clientAddress: string, claimed: string | undefined): string | undefined {
  if (claimed === undefined) return clientAddress;
  const host = canonicalIp(claimed);
  if (host === undefined || host === clientAddress) return host;
  return isPrivateIp(clientAddress) && isPrivateIp(host) ? host : undefined;
}

/**
 * Says to whom a claim of another address belongs: to the client's address. Clients on this machine, which has many
 * addresses, all count as one.
 */
export function claimantOf({ host, ip }: { readonly host: string; readonly ip: Uint8Array }): Uint8Array {
  return isLoopback(host) ? THIS_MACHINE : ip;
}

const THIS_MACHINE = parseIp('127.0.0.1')!;

/** @param host canonical */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.');
}
