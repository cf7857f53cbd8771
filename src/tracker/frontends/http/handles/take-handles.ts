import { clientAddressOf } from '../../../core/index.ts';
import type { TakeConnections } from '../http-port.ts';
import { SocketConnection } from '../socket-connection.ts';
import { HandleConnection } from './handle-connection.ts';
import { ResponseBatch } from './response-batch.ts';
import { acceptHandles, remoteAddressOf, socketOf } from './tcp-handle.ts';

/**
 * Takes the connections of a server from under it, as handles. Those on which something may come before HTTP become
 * sockets at once.
 *
 * @returns whether that is possible: not on versions of Node whose handles are not known here
 */
export const takeHandles: TakeConnections = (server, port) => {
  const batch = new ResponseBatch(port.clock);
  return acceptHandles(server, (handle) => {
    const client = port.connections.admit(clientAddressOf(remoteAddressOf(handle) ?? ''), port.clock.now());
    if (client === undefined) handle.close();
    else if (port.mayPrecedeHttp(client.clientAddress))
      new SocketConnection(port, client, socketOf(handle)).begin();
    else new HandleConnection(port, batch, handle, client).start();
  });
};
