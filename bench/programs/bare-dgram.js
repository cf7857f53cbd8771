// The least that a UDP tracker in Node can do: answers each announce with the same 50 peers.
import { createSocket } from 'node:dgram';

const answer = Buffer.alloc(20 + 50 * 6);
answer[3] = 1;
const connectionId = Buffer.alloc(16);
const onSent = (error) => {
  if (error) throw error;
};
const socket = createSocket({
  type: 'udp4',
  lookup: (address, _options, callback) => callback(null, address, 4),
});
socket.on('message', (request, { port, address }) =>
  socket.send(request.length === 16 ? connectionId : answer, port, address, onSent),
);
socket.bind(0, '127.0.0.1', () => console.log(`listening on ${socket.address().port}`));
