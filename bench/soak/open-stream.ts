import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { HOST } from '../programs/trackers.ts';

/** Connects to a tracker that may end the connection at any time: that is no error. */
export async function openStream(port: number): Promise<Socket> {
  const socket = connect(port, HOST);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}
