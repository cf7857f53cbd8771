import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { DatagramHandler, Datagrams } from './datagrams.ts';

/** The datagrams of UDP. The kernel drops those that come from another address than the socket's remote one. */
export const udpDatagrams: Datagrams = {
  async connect({ host, port }, handler) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    try {
      const connected = once(socket, 'connect');
      socket.connect(port, host);
      await connected;
    } catch (thrown) {
      socket.close();
      throw thrown;
    }
    listen(socket, handler);
    return {
      send(packet) {
        socket.send(packet, (error) => {
          if (error !== null) socket.emit('error', error);
        });
      },
      close() {
        socket.close();
      },
    };
  },
};

function listen(socket: Socket, handler: DatagramHandler): void {
  socket.on('message', (packet) => handler.onPacket(packet));
  socket.on('error', (error) => handler.onError(error));
}
