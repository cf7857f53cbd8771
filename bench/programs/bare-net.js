// The least that an HTTP tracker in Node can do: answers each request with the same 50 peers. No parsing worth the name.
import { createServer } from 'node:net';

const body = Buffer.concat([
  Buffer.from('d8:intervali1800e5:peers300:'),
  Buffer.alloc(300),
  Buffer.from('e'),
]);
const head = (connection) =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${connection}Content-Length: ${body.length}\r\n\r\n`;
const answer = Buffer.concat([Buffer.from(head('')), body]);
const lastAnswer = Buffer.concat([Buffer.from(head('Connection: close\r\n')), body]);
const END = Buffer.from('\r\n\r\n');

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    if (bytes.includes('Connection: close')) socket.end(lastAnswer);
    else if (bytes.includes(END)) socket.write(answer);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
